"""The warm-up exercise of lesson 00."""
