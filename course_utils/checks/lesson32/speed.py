"""32-speed: how many times faster?"""

from course_utils.checks.spec import guess_several

__all__ = ["CHECK"]

RIGHT = {"zeros": 1, "fewer_units": 4, "narrower": 4}
REASONS = {
    ("zeros", 4): "Three quarters of the products are with zero, but they are carried "
    "out all the same: the processor does not look at the numbers it multiplies.",
    ("zeros", 0.25): "A quarter of the time would be four times *faster*. But the "
    "products with zero are carried out all the same.",
    ("zeros", 0.75): "The share of zeros says nothing about the time: each of them is "
    "multiplied like any other number.",
    ("zeros", 2): "Nothing is skipped, not even half of the zeros. The matrix has kept "
    "its size.",
    ("fewer_units", 1): "The units are *removed* here, not set to zero: the matrices "
    "are smaller.",
    ("fewer_units", 16): "Only one side of each matrix gets shorter: F. The other is "
    "the width C, which stays.",
    ("fewer_units", 2): "Each matrix is C × F. F falls to a quarter, and with it the "
    "whole product.",
    ("fewer_units", 1.33): "A quarter stays, not three quarters.",
    ("fewer_units", 0.25): "That is the share of the time. The question is how many "
    "times faster.",
    ("narrower", 2): "C and F are *both* halved: a matrix C × F gets shorter on both "
    "sides.",
    ("narrower", 8): "A matrix has two sides. Each is halved, and the number of tokens "
    "stays.",
    ("narrower", 1): "Both sides of each matrix get shorter.",
    ("narrower", 0.25): "That is the share of the time. The question is how many times "
    "faster.",
}

CHECK = guess_several(
    RIGHT,
    {(name, f"{factor:g}", factor): text for (name, factor), text in REASONS.items()},
)
