"""Grade the notebooks of people whom nobody knows."""
