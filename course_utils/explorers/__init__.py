"""Pictures to play with, one file each: `compute`, `draw` and a `show_…` function."""
