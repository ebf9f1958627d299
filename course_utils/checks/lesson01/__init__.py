"""The exercises of lesson 01: probabilities, a loss, and the loop that trains."""
