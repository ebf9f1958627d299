"""The exercises of lesson 32: pruning."""
