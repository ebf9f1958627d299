"""A verdict says what was called, what came back, what was expected, and why."""

import math

import pytest
import torch
from torch import nn

from course_utils.answers import Call, Value, execute
from course_utils.checks import compare
from course_utils.checks.judge import BrokenCheckError, judge
from course_utils.checks.show import (
    brief,
    call_text,
    in_plain_words,
    pair_of_numbers,
)
from course_utils.checks.spec import Check, Slip, choose, guess, load_check
from course_utils.syllabus import Exercise

pytestmark = pytest.mark.no_typecheck
X, Y = torch.arange(6.0).view(2, 3), torch.arange(20.0).view(4, 5)


def exercise(kind="rebuild"):
    return Exercise("02-it", kind, "It", 3, 1, 5, ("f",), "The heading")


def verdict(check, answer, kind="rebuild", seconds=5.0):
    calls = check.calls(0)
    names = answer if isinstance(answer, dict) else {"f": answer}
    return judge(check, exercise(kind), calls, execute(calls, names, seconds))


def calls(seed):
    return {
        "by hand": Call("f", (X,), grads=True),
        "another size": Call("f", (Y,), grads=True),
    }


def right(x):
    return x.sum(1, keepdim=True) * x


CHECK = Check(
    calls,
    {"f": right},
    slips=(
        Slip("wrong-axis", "It sums the columns.", {"f": lambda x: x.sum(0) * x}),
        Slip("plus", "It adds.", {"f": lambda x: x.sum(1)[:, None] + x}, "Elsewhere"),
    ),
    forbids={"cumsum": "Write it yourself."},
)


def numpy(x):
    return (x.sum(1, keepdim=True) * x).detach().numpy()


def in_place(x):
    return x.data.mul_(x.sum(1, keepdim=True)) * 1.0 + 0 * x


def hard_coded(x):
    return x[:, 0:1] * x + x[:, 1:2] * x + x[:, 2:3] * x


def forgets_a_part(x):
    return x.sum(1, keepdim=True).detach() * x


def refuses(x):
    raise TypeError("no")


size = 3.0


def reads_global(x):
    return x.mean(1, keepdim=True) * size * x


def remembers(x, seen=[]):  # noqa: B006
    seen.append(1)
    return right(x) if len(seen) == 1 else right(x) + 1


SLIPS = {
    "wrong-axis": lambda x: torch.einsum("ij,kj->ij", x, x),
    "plus": lambda x: x + x.sum(1).unsqueeze(1),
    "returns-nothing": lambda x: None,
    "returns-numpy": numpy,
    "returns-list": lambda x: right(x).tolist(),
    "returns-number": lambda x: right(x).sum().item(),
    "wrong-dtype": lambda x: right(x).double(),
    "cuts-gradient": lambda x: right(x).detach(),
    "wrong-gradient": forgets_a_part,
    "one-size-only": hard_coded,
    "missing-scale": lambda x: 2 * right(x),
    "transposed": lambda x: right(x).T,
    "not-a-number": lambda x: right(x) / (x - x),
    "prints-much": lambda x: print("x" * 20_000) or right(x),
    "forbidden": lambda x: right(x) + 0 * x.cumsum(0),
    "uses-global": reads_global,
    "remembers": remembers,
}


@pytest.mark.parametrize("slip", SLIPS)
def test_each_slip_is_named(slip):
    found = verdict(CHECK, SLIPS[slip])
    if slip == "wrong-axis":
        assert found.slip in ("wrong-axis", "")
        return
    assert (found.status, found.slip) == ("failed", slip), found.text
    assert found.points == 0
    assert found.reread.startswith("lesson 02, “")


def test_a_changed_input_and_a_hang_are_named():
    assert verdict(CHECK, lambda x: x.mul_(2), "rebuild").status == "failed"

    def f(x):
        while True:
            pass

    found = verdict(CHECK, f, seconds=0.2)
    assert found.slip == "hangs"
    assert "no answer within 0.2 s" in found.text

    check = Check(lambda seed: {"it": Call("f", (X,))}, {"f": right})

    def g(x):
        out = right(x)
        x += 1
        return out

    found = verdict(check, g)
    assert found.slip == "changes-input"
    assert "input 1 was changed by the call" in found.text


def test_a_right_answer_gets_all_points():
    found = verdict(CHECK, right)
    assert found.passed
    assert found.points == 3
    assert found.text == "✓ 02-it: Right. 3 of 3 points."


def test_an_unknown_mistake_still_shows_both_sides_and_the_line():
    found = verdict(CHECK, lambda x: right(x) + x**3)
    assert (found.slip, found.status) == ("", "failed")
    assert "Came back" in found.text
    assert "Expected" in found.text
    assert verdict(CHECK, refuses).returned == "TypeError: no"


def test_a_slip_on_one_case_only_is_found_as_a_last_resort():
    def f(x):
        return x + x.sum(1)[:, None] if len(x) == 2 else x

    assert verdict(CHECK, f).slip == "plus"


def test_not_attempted_says_what_to_do():
    def f(x):
        raise NotImplementedError

    found = verdict(CHECK, f)
    assert found.status == "not attempted"
    assert "NotImplementedError by your answer" in found.text
    assert "run the cell above" in verdict(CHECK, {}).text
    check = choose("f", "a", {"b": "No."})
    assert "Give `f` a value." in verdict(check, {"f": None}, "predict").text


def test_an_expected_error_must_come():
    def refuse(x):
        raise ValueError("odd")

    check = Check(lambda seed: {"odd": Call("f", (X,))}, {"f": refuse})
    assert verdict(check, refuse).passed
    assert verdict(check, right).slip == "forgets-error"
    assert verdict(check, refuses).slip == "other-error"


def test_extra_and_free():
    def extra(outcomes, expected):
        value = outcomes["draw"].value
        return None if value.min() >= 0 else ("negative", "Below zero.")

    check = Check(
        lambda seed: {"draw": Call("f", (X,))},
        {"f": lambda x: x},
        extra=extra,
        free=frozenset({"draw"}),
    )
    assert verdict(check, lambda x: x + 5).passed
    assert verdict(check, lambda x: x - 5).slip == "negative"


def test_predictions():
    check = choose("f", "b", {"a": "Because.", "c": "Why?"})
    assert verdict(check, {"f": "b"}, "predict").passed
    found = verdict(check, {"f": "a"}, "predict")
    assert (found.slip, found.advice) == ("choice-a", "Because.")
    assert found.expected == "", "a wrong guess does not give the right one away"
    assert verdict(check, {"f": ["b"]}, "predict").status == "failed"
    check = guess("f", math.log(50), {"none": (50.0, "A logarithm.")}, rtol=0.01)
    assert verdict(check, {"f": 3.9}, "predict").passed
    assert verdict(check, {"f": torch.tensor(3.912)}, "predict").passed
    assert verdict(check, {"f": 50}, "predict").advice == "A logarithm."
    assert not verdict(check, {"f": True}, "predict").passed


def test_a_pair_of_small_matrices_is_kept_for_a_picture():
    html = verdict(CHECK, lambda x: right(x) + x**3)._repr_html_()
    assert "expected</caption>" in html
    assert "≠ " in html
    assert 'role="status"' in html
    assert "<script" not in html
    big = Check(lambda seed: {"it": Call("f", (torch.rand(9, 9),))}, {"f": right})
    assert verdict(big, lambda x: x).pair is None


def test_what_a_learner_made_is_escaped():
    check = choose("f", "b", {"a": "No."})
    html = verdict(check, {"f": "<script>alert(1)</script>"}, "predict")._repr_html_()
    assert "<script>" not in html


def test_json_has_plain_fields():
    found = verdict(CHECK, lambda x: right(x) + 1).as_json()
    assert found["passed"] is False
    assert "pair" not in found
    assert {"exercise", "status", "points", "slip", "text"} - set(found) == {"text"}


@pytest.mark.parametrize(
    ("got", "expected", "kind"),
    [
        ([1, 2], [1, 2, 3], "structure"),
        ({"a": 1}, {"b": 1}, "structure"),
        ([X, 2], [X, 3], "value"),
        ([X, "a"], [Y, "a"], "shape"),
        ({"a": X}, {"a": X + 1}, "value"),
        (3, X, "kind"),
        ("a", 3.0, "value"),
        (X > 1, X > 2, "value"),
    ],
)
def test_differences_inside_containers(got, expected, kind):
    assert compare.difference(got, expected).kind == kind


def test_values_are_said_in_brief():
    assert brief(torch.tensor(2.5)) == "2.5 (float32, no axes)"
    assert brief(Y.repeat(2, 2)).endswith("…]")
    assert brief([1, 2, 3, 4, 5, 6, 7]) == "[1, 2, 3, 4, 5, 6, …]"
    assert brief({"a": X}).startswith("{'a': float32 (2, 3)")
    assert len(brief("x" * 1000)) < 300
    assert call_text(Value("leaks")) == "leaks"
    call = Call("M", (4,), {"bias": False}, inputs=(Y,))
    assert call_text(call) == "M(4, bias=False)(float32 (4, 5))"


def test_an_exercise_is_found_by_its_id():
    assert load_check("02-scores").answer.keys() == {"scores"}


def test_a_check_whose_own_answer_fails_says_that_it_is_broken():
    check = Check(lambda seed: {"it": Call("f", (X,))}, {"f": refuses})
    with pytest.raises(BrokenCheckError, match="the check of 02-it is broken"):
        verdict(check, right)


def test_weights_that_do_not_fit_are_told_in_plain_words():
    state = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 4)).state_dict()
    other = nn.Sequential(nn.Linear(3, 5), nn.Linear(2, 4, bias=False))
    with pytest.raises(RuntimeError) as told:
        other.load_state_dict(state)
    assert in_plain_words(f"RuntimeError: {told.value}") == (
        "1.bias is in what is loaded, but not in the module; 0.weight has the shape "
        "(5, 3) in the module, (2, 3) in what is loaded; and 1 more do not fit"
    )
    with pytest.raises(RuntimeError) as told:
        nn.Linear(2, 2).load_state_dict({"weight": torch.zeros(2, 2)})
    words = in_plain_words(str(told.value))
    assert words == "bias is in the module, but not in what is loaded"


def test_two_numbers_are_told_apart():
    assert pair_of_numbers(1.5, 2.0) == ("1.5", "2")
    assert pair_of_numbers(0.19361, 0.19362) == ("0.19361", "0.19362")
    assert pair_of_numbers(1.0, 1.0) == ("1", "1")
