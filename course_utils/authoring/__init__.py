"""Tools for authors: keep lessons equal to the package, execute and check them.

`build` is the front door; the other modules are its parts. None of them imports the
model code: they read the package's source as text.
"""

__all__: list[str] = []
