"""The exercises of lesson 33: distillation."""
