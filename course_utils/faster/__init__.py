"""The same answers sooner: one module for each technique (lessons 2x)."""
