"""The exercises of lesson 31: four bits and fewer."""
