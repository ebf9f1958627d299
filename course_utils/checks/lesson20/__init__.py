"""The checks of lesson 20, one file an exercise."""
