"""The exercises of lesson 09: evaluation, and a checkpoint over all lessons so far."""
