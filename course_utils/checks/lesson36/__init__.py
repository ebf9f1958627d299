"""Checks of lesson 36: the frontier, honest headlines, and one file in a budget."""
