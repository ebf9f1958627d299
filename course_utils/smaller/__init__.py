"""Techniques that make a model smaller (lessons 30 to 36)."""
