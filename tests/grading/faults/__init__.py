"""Hostile and broken submissions: each a small maker, and what is right for it.

of_answers.py   code that ends, hangs, floods, spies or lies while it is graded
of_files.py     notebooks and folders that no honest program writes
table.py        both together, and the honest neighbors beside whom they stand
"""
