"""The exercises of lesson 30: int8."""
