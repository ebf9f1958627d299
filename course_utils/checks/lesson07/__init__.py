"""The exercises of lesson 07: shift, loss, and a translator of your own parts."""
