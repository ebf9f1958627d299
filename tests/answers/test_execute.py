"""What comes back from an answer: values, gradients, and what it must not do."""

import threading
import time

import numpy as np
import pytest
import torch
from torch import nn

from course_utils.answers import Build, Call, Dice, Mine, Ref, Value, execute
from course_utils.answers.inspect import names_used
from course_utils.answers.limits import SlowError, time_limit
from course_utils.answers.plain import is_same, plain

pytestmark = pytest.mark.no_typecheck
X = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])


def ask(function, *args, **more):
    """Return the outcome of one call of a function named f."""
    seconds = more.pop("seconds", 5.0)
    return execute({"it": Call("f", args, **more)}, {"f": function}, seconds)["it"]


class Scale(nn.Module):
    """Multiply by one weight; a weight of its own name is a part of the answer."""

    def __init__(self, size, start=1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.full((size,), start))
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(x * self.weight)


def test_a_value_comes_back_with_its_type():
    outcome = ask(lambda x: x * 2, X)
    assert outcome.status == "value"
    assert outcome.kind == "Tensor"
    assert torch.equal(outcome.value, X * 2)


@pytest.mark.parametrize(
    ("value", "kind"),
    [(np.ones(3), "ndarray"), ([1, 2], "list"), ((1, X), "tuple"), (None, "NoneType")],
)
def test_other_types_keep_their_name(value, kind):
    assert ask(lambda: value).kind == kind


def test_what_is_no_data_becomes_its_type_name():
    assert plain(object()) == ("<object>", "object")
    assert plain(np.float64(2.5))[0] == torch.tensor(2.5, dtype=torch.float64)
    assert plain({"a": X})[0]["a"].shape == (3, 2)


def test_a_gradient_is_that_of_a_fixed_weighted_sum():
    outcome = ask(lambda x, y: x * y, X, 2 * X, grads=True)
    weights = torch.arange(6, dtype=torch.float64).cos().float().view(3, 2)
    torch.testing.assert_close(outcome.grads["0"], weights * 2 * X)
    torch.testing.assert_close(outcome.grads["1"], weights * X)


def test_a_cut_gradient_is_none():
    outcome = ask(lambda x, y: x.detach() * y, X, X, grads=True)
    assert outcome.grads["0"] is None
    assert outcome.grads["1"] is not None
    assert ask(lambda x: x.detach(), X, grads=True).grads == {"0": None}


def test_a_module_is_built_loaded_and_called_without_dropout():
    state = {"weight": torch.tensor([2.0, 3.0])}
    call = Call("Scale", (2,), state=state, inputs=(X,), grads=True)
    outcome = execute({"it": call}, {"Scale": Scale})["it"]
    torch.testing.assert_close(outcome.value, X * state["weight"])
    assert set(outcome.grads) == {"0", "weight"}


def test_wrong_names_of_weights_are_an_error():
    call = Call("Scale", (2,), state={"w": torch.ones(2)}, inputs=(X,))
    outcome = execute({"it": call}, {"Scale": Scale})["it"]
    assert outcome.status == "error"
    assert "state_dict" in outcome.error


def test_the_weights_of_a_watched_argument_come_back():
    def train(model):
        with torch.no_grad():
            model.weight += 1

    model = Build("torch.nn.Linear", (2, 1), {"bias": False})
    state = {"weight": torch.zeros(1, 2)}
    built = Build(model.path, model.args, model.kwargs, state)
    outcome = ask(train, built, watch=(0,))
    assert torch.equal(outcome.watched[0]["weight"], torch.ones(1, 2))


def test_descriptions_become_objects():
    def f(draw, function, other, pair):
        return torch.rand(2, generator=draw), function(X), other(X), pair[0](X)

    relu = Ref("torch.relu")
    call = Call("f", (Dice(3), relu, Mine("double"), (Mine("double"), 1)))
    names = {"f": f, "double": lambda x: 2 * x}
    drawn, same, doubled, again = execute({"it": call}, names)["it"].value
    assert torch.equal(drawn, torch.rand(2, generator=torch.Generator().manual_seed(3)))
    assert torch.equal(same, X)
    assert torch.equal(doubled, again)


def test_only_the_course_and_torch_are_built_from():
    outcome = ask(lambda x: x, Ref("os.system"))
    assert (
        outcome.error == "ValueError: os.system is not a part of course_utils or torch"
    )


def test_what_is_missing_or_empty_is_not_attempted():
    def f(x):
        raise NotImplementedError

    assert ask(f, X).status == "blank"
    calls = {"a": Value("a"), "b": Value("b"), "c": Value("c")}
    found = execute(calls, {"a": None, "b": 3})
    assert [found[name].status for name in calls] == ["blank", "value", "missing"]


def test_an_error_names_its_line():
    source = "def f(x):\n    y = 0\n    return x.nothing\n"
    namespace = {}
    exec(compile(source, "<answer>", "exec"), namespace)
    outcome = ask(namespace["f"], X)
    assert outcome.error.startswith("AttributeError")
    assert ask(lambda: exit(3)).status == "error"


def test_an_interrupt_by_the_reader_goes_through():
    def f():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(f)


def test_a_loop_without_end_is_stopped_and_the_rest_not_tried():
    def f(x):
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                pass

    calls = {"one": Call("f", (X,)), "two": Call("f", (X,))}
    found = execute(calls, {"f": f}, seconds=0.2)
    assert list(found) == ["one"]
    assert found["one"].status == "slow"


def test_a_thread_beside_the_main_one_runs_without_a_limit():
    seen = []

    def run():
        with time_limit(0.01):
            time.sleep(0.05)
        seen.append("done")

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == ["done"]


def test_the_limit_ends_with_its_block():
    with pytest.raises(SlowError), time_limit(0.05):
        time.sleep(5)
    with time_limit(0.05):
        pass
    time.sleep(0.1)


def test_printing_is_counted_and_not_shown(capsys):
    outcome = ask(lambda x: print("a" * 100) or x, X)
    assert outcome.printed == 101
    assert capsys.readouterr().out == ""


def test_a_changed_input_is_named_and_the_original_stays():
    before = X.clone()
    outcome = ask(lambda x, y: y.mul_(2), X, X)
    assert outcome.changed == ["1"]
    assert torch.equal(X, before)


def test_a_function_with_a_memory_is_not_stable():
    seen = []

    def f(x):
        seen.append(x)
        return x * len(seen)

    assert not ask(f, X).stable
    assert ask(lambda x: torch.rand(3), X).stable, "the seed is set before each call"


def test_an_iterator_is_read_a_little():
    def f():
        n = 0
        while True:
            yield n
            n += 1

    assert ask(f, take=4).value == [0, 1, 2, 3]


def test_names_used_finds_data_of_the_notebook_but_no_constants():
    source = """
size, LIMIT = 4, 5
def helper(x): return x / size
class A:
    def run(self, x): return [helper(y) for y in x]
def f(x): return A().run(x) + LIMIT
"""
    namespace = {"__name__": "__main__"}
    exec(source, namespace)
    uses, reads = names_used(namespace["f"])
    assert {"A", "LIMIT"} <= set(uses)
    assert reads in ([], ["size"])
    assert names_used(namespace["A"])[1] == ["size"]
    assert names_used(3)[1] == []


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (X, X.clone(), True),
        (X, X.double(), False),
        (torch.tensor(float("nan")), torch.tensor(float("nan")), True),
        ([1, X], [1, X], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1.0}, False),
        (float("nan"), float("nan"), True),
        ("a", "b", False),
    ],
)
def test_is_same(a, b, same):
    assert is_same(a, b) is same
