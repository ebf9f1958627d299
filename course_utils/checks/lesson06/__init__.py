"""The exercises of lesson 06: the decoder."""
