"""Smaller, Faster Transformers: the package that the course builds."""

__all__ = ["__version__"]

__version__ = "0.1.0"
