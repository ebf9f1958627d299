"""Hostile and broken submissions: each a small maker, and what is right for it.

of_answers.py   code that ends, hangs, floods or lies while it is graded
of_forgery.py   code that makes up what the grader hears of it
of_spies.py     code that looks for answers, for others' results, for a way out
of_files.py     notebooks and folders that no honest program writes
table.py        all together, and the honest neighbors beside whom they stand
"""
