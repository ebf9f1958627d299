"""Every general sentence that a check says; those of one exercise stand with it."""

__all__ = ["FAULTS", "SLIPS", "WORDS"]

WORDS = {
    "passed": "Right.",
    "failed": "Not yet.",
    "not attempted": "Not attempted.",
    "called": "Called",
    "given": "You set",
    "some-nan": "; {n} of {all} numbers are NaN, the first at {first}",
    "returned": "Came back",
    "expected": "Expected",
    "likely": "Likely slip",
    "reread": "Reread",
    "points": "{got} of {all} points",
    "lesson": "lesson {lesson}, “{section}”",
    "blank": "Replace the line that raises NotImplementedError by your answer.",
    "empty": "Give `{name}` a value.",
    "missing": "There is no `{name}` here yet: run the cell above.",
    "yours": "yours",
    "wanted": "expected",
}

# What is wrong, in one sentence, by kind of fault.
FAULTS = {
    "slow": "{got}",
    "error": "{got}",
    "missing": "`{target}` is not defined",
    "blank": "this case ends in NotImplementedError",
    "empty": "`{target}` is still empty",
    "printed": "{got:,} characters were printed",
    "changed": "{got} was changed by the call",
    "kind": "a {got}",
    "structure": "{got}",
    "shape": "{got}",
    "dtype": "{got}",
    "nan": "{got}",
    "value": "{got}",
    "no-gradient": "no gradient reaches {where}",
    "gradient": "the result is right, but the gradient of {where} is {got}",
    "unstable": "a second, equal call gave another result",
    "no-error": "{got}, and no error",
    "other-error": "{got}",
    "forbidden": "the answer uses `{got}`",
}

# The slips that any exercise can meet: name -> what to say.
SLIPS = {
    "another-class": "This solves the exercise as the course has it, or an earlier "
    "class. Your card names one thing that is different for you: see “Your class”.",
    "hangs": "A loop does not end. Does its condition ever become false?",
    "prints-much": "Printing is no answer, and this much of it stalls a notebook. "
    "Remove the print, or print one number.",
    "changes-input": "An operation in place (`+=`, a method that ends in `_`, writing "
    "into x[...]) alters what the caller still needs. Make a new tensor instead.",
    "returns-nothing": "The function ends without `return`, so Python returns None.",
    "returns-numpy": "This is a NumPy array. The rest of the model needs a tensor, "
    "which knows its gradient: use torch's functions, or leave out `.numpy()`.",
    "returns-list": "This is a Python {got}. Return one tensor (torch.stack and "
    "torch.cat join several).",
    "returns-number": "This is a plain Python number. Leave out `.item()`: a tensor "
    "of one number keeps its gradient.",
    "in-quotes": "This is a text. Write the number without quotes.",
    "wrong-type": "The answer has another type than the card asks for.",
    "wrong-dtype": "The numbers have the wrong type (dtype): {got} instead of "
    "{expected}. New tensors should follow the input's dtype.",
    "cuts-gradient": "The way back is cut, so nothing can learn from here. Usual "
    "reasons: `.detach()`, `.item()`, `.data`, `torch.no_grad()`, a new torch.tensor.",
    "wrong-gradient": "The result is right and its gradient is not: a part of the way "
    "back is missing. Is something detached, or computed under no_grad?",
    "remembers": "The function remembers something between two calls: a global "
    "variable, a default argument that grows, an attribute. Start from the inputs.",
    "uses-global": "The function reads `{got}`, a variable of the notebook. Use the "
    "arguments only: they are what changes from call to call.",
    "one-size-only": "It is right for the sizes before and wrong for these. Is a size "
    "written as a number, or taken from the wrong axis? Read it from the input.",
    "missing-scale": "All numbers are {ratio:.3g} times the expected ones: a factor is "
    "missing, or one too many.",
    "transposed": "The numbers are right, but two axes are swapped.",
    "not-a-number": "Some of the numbers are NaN: 0/0, ∞−∞, or a softmax over nothing.",
    "forgets-error": "This input is impossible and must be refused with {expected}.",
    "other-error": "An error is right here, but it should be {expected}.",
    "forbidden": "{reason}",
    "truth-of-a-tensor": "A tensor of many numbers is neither true nor false. To find "
    "out whether an argument was given, write `is not None`.",
    "names-of-weights": "The weights have other names than the card gives, or some are "
    "missing, so trained weights cannot be loaded into your module.",
    "sizes-of-weights": "The weights have other sizes than the card asks for, so "
    "trained weights do not fit into your module.",
}
