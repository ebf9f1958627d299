"""The checks of lesson 21, one file an exercise."""
