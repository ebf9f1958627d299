"""The exercises of lesson 04: positions."""
