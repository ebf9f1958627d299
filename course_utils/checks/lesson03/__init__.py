"""The exercises of lesson 03: multi-head attention."""
