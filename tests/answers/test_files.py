"""Calls and outcomes survive the way through files; broken files are refused."""

import json
import subprocess
import sys

import pytest
import torch

from course_utils.answers import (
    Build,
    Call,
    Dice,
    Mine,
    Outcome,
    Ref,
    Value,
    encode,
    source,
    worker,
)
from course_utils.answers.plain import is_same

pytestmark = pytest.mark.no_typecheck
T = torch.arange(6.0).view(2, 3)
VALUES = {
    "a call": Call("f", (T, 1, Ref("torch.relu")), {"mask": T > 2}, grads=True),
    "a module": Call("M", (4,), state={"w": T.T}, inputs=(T,)),
    "others": [Value("x"), Mine("y"), Dice(7), Build("torch.nn.Linear", (2, 3))],
    "an outcome": Outcome("value", (T, [1, "a", None]), "tuple", grads={"0": None}),
    "numbers": {"nan": float("inf"), 3: True, "text": "é\x00"},
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_written_is_read(tmp_path, value):
    encode.write(tmp_path / "x", value)
    back = encode.read(tmp_path / "x")
    if isinstance(value, Outcome):
        assert is_same(back.value, value.value)
        assert back.grads == value.grads
    elif isinstance(value, Call):
        assert is_same(back.args[:2], value.args[:2])
        assert is_same(back.state, value.state)
        assert back.target == value.target
    else:
        assert back == value


def test_only_data_can_be_written(tmp_path):
    with pytest.raises(ValueError, match="a object is neither a tensor nor JSON"):
        encode.write(tmp_path / "x", {"a": object()})


@pytest.mark.parametrize(
    "text",
    ["", "[", '{"tensor": "9"}', '{"record": "os"}', '{"what": []}', '{"a":1,"b":2}'],
)
def test_a_strange_file_is_refused(tmp_path, text):
    encode.write(tmp_path / "x", 1)
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ValueError, match=r"x\.json cannot be read|Expecting|unpack"):
        encode.read(tmp_path / "x")


def test_a_missing_or_huge_file_is_refused(tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="cannot be read: FileNotFoundError"):
        encode.read(tmp_path / "x")
    encode.write(tmp_path / "x", list(range(100)))
    monkeypatch.setattr(encode, "MOST_BYTES", 50)
    with pytest.raises(ValueError, match="holds more than 50 bytes"):
        encode.read(tmp_path / "x")


def notebook(tmp_path, cells):
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    return source.read_cells(path)


def answer(name, text):
    marks = {"nbgrader": {"grade_id": name, "solution": True}}
    return {"cell_type": "code", "metadata": marks, "source": text}


def test_answers_are_found_by_name_and_parts_are_joined(tmp_path):
    cells = notebook(
        tmp_path,
        [
            {"cell_type": "markdown", "source": "text"},
            {"cell_type": "code", "id": "first", "source": ["import a\n", "import b"]},
            answer("02-x", "x = 1"),
            {"cell_type": "code", "metadata": None, "source": "check()"},
            answer("02-y", ["y = 1\n", "z = 2"]),
            answer("02-x", "x = 3"),
        ],
    )
    found = source.answer_cells(cells)
    assert found == {"02-x": "x = 1\n\nx = 3", "02-y": "y = 1\nz = 2"}
    assert source.setup_source(cells) == "import a\nimport b"
    cells[4]["id"] = "setup"
    assert source.setup_source(cells) == "y = 1\nz = 2"
    assert source.setup_source([]) == ""


@pytest.mark.parametrize("text", ["", "[]", '{"cells": 3}', '{"cells": [1]}', "{}"])
def test_what_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "n.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"n\.ipynb is no notebook; open it"):
        source.read_cells(path)
    with pytest.raises(ValueError, match="there is no such file"):
        source.read_cells(tmp_path / "absent.ipynb")


CELLS = {
    "02-x": "def f(x):\n    return x + 1",
    "02-y": "%time\ndef g(x):\n    return f(x) * 2",
    "02-z": "h = 1 / 0",
    "02-e": "exit()",
    "02-n": "def k(x):\n    raise NotImplementedError",
}
CALLS = {
    "02-x": {"a": Call("f", (T,))},
    "02-y": {"a": Call("g", (T,))},
    "02-z": {"a": Value("h")},
    "02-n": {"a": Call("k", (T,))},
}
TASK = {"setup": "import torch", "cells": CELLS, "calls": CALLS, "seconds": 2.0}


def test_the_worker_runs_cells_in_order_and_one_error_spoils_only_its_own():
    noted = []
    found = worker.run_cells(TASK, noted.append)
    assert noted == list(CALLS)
    assert torch.equal(found["02-y"]["a"].value, (T + 1) * 2)
    assert found["02-z"]["a"].error == "ZeroDivisionError: division by zero"
    assert found["02-n"]["a"].status == "blank"


def test_a_cell_without_end_is_stopped(monkeypatch):
    monkeypatch.setattr(worker, "CELL_SECONDS", 0.1)
    assert worker.run_source("while True: pass", "02-x", {}).startswith("the cell did")
    assert worker.run_source("raise NotImplementedError", "02-x", {}) == ""


def test_the_worker_as_a_process_of_its_own(tmp_path):
    encode.write(tmp_path / "task", TASK)
    command = [sys.executable, "-m", "course_utils.answers.worker"]
    files = [str(tmp_path / "task"), str(tmp_path / "out")]
    subprocess.run([*command, *files], check=True)
    found = encode.read(tmp_path / "out")
    assert torch.equal(found["02-x"]["a"].value, T + 1)
    assert (tmp_path / "out.progress").read_text().split() == list(CALLS)


def test_main_in_this_process(tmp_path, capsys):
    encode.write(tmp_path / "task", TASK)
    threads = torch.get_num_threads()
    worker.main(str(tmp_path / "task"), str(tmp_path / "out"))
    torch.set_num_threads(threads)
    assert set(encode.read(tmp_path / "out")) == set(CALLS)
    assert capsys.readouterr().out == ""
