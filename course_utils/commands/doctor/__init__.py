"""`course doctor`: what is wrong with this machine's setup, and what to type.

`checks` and `weights` judge what they are given; `facts` looks at the machine.
"""

__all__: list[str] = []
