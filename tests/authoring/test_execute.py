"""Execution: the right kernel, nothing left of the machine, failures by name."""

import sys

import nbformat
import pytest

from course_utils.authoring.execute import ExecutionError, run_notebook
from course_utils.authoring.outputs import check_outputs, normalize
from tests.authoring.planted import notebook

WIDGET = "application/vnd.jupyter.widget-view+json"

PLACE = """
import os, sys
print(sys.executable, len(os.listdir()), os.environ["OMP_NUM_THREADS"])
"""

TWICE = """
runs = globals().get("runs", 0) + 1
print("run", runs)
"""


def run(*sources, **options):
    cells = [(f"cell-{i}", source, []) for i, source in enumerate(sources)]
    nb = notebook(cells)
    return nb, run_notebook(nb, "x.ipynb", **options)


def test_the_kernel_is_this_interpreter_in_an_empty_folder():
    nb, result = run(PLACE, "x = 1", threads=3)
    assert nb.cells[0].outputs[0].text == f"{sys.executable} 0 3\n"
    assert [time.cell for time in result.cells] == ["cell-0", "cell-1"]
    assert result.seconds > sum(time.seconds for time in result.cells)
    assert result.peak_mb > 10
    assert len(nb.cells) == 2


def test_a_kernelspec_of_another_environment_is_not_used(tmp_path, monkeypatch):
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text('{"argv": ["/no/such/python"], "display_name": "x"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    nb, _ = run("import sys\nprint(sys.executable)")
    assert nb.cells[0].outputs[0].text == f"{sys.executable}\n"


def test_run_all_twice_uses_one_kernel_and_keeps_the_first_outputs():
    nb, _ = run(TWICE, passes=2)
    assert nb.cells[0].outputs[0].text == "run 1\n"
    with pytest.raises(ExecutionError, match=r"run again\[cell-0\]: AssertionError"):
        run(f"{TWICE}assert runs == 1", passes=2)


FAILURES = {
    "raises": ("x = 1\n{}['a']", "KeyError", r"x\.ipynb\[cell-1\].*'a' \(line 2: {}"),
    "syntax": ("def f(:", "SyntaxError", "invalid syntax"),
    "too long": ("import time\ntime.sleep(30)", "TimeoutError", "longer than 2 s"),
    "dies": ("import os\nos._exit(1)", "KernelDied", "ran out of memory"),
}


@pytest.mark.parametrize(("source", "error", "words"), FAILURES.values(), ids=FAILURES)
def test_a_failure_names_notebook_cell_and_cause(source, error, words):
    with pytest.raises(ExecutionError, match=words) as caught:
        run("y = 1", source, timeout=2)
    assert caught.value.error == error
    assert caught.value.notebook == "x.ipynb"
    assert caught.value.cell == "cell-1"


LIVE = """
import ipywidgets
from IPython.display import display

class Fallback(ipywidgets.IntSlider):
    def _repr_mimebundle_(self, **kwargs):
        live = super()._repr_mimebundle_(**kwargs)
        return {**live, "text/html": "<p>static</p>"}

display(Fallback())
"""


def test_widgets_run_live_and_only_their_static_form_is_stored():
    nb, _ = run(LIVE, "ipywidgets.IntSlider()")
    assert WIDGET in nb.cells[0].outputs[0].data
    normalize(nb)
    assert set(nb.cells[0].outputs[0].data) == {"text/html", "text/plain"}
    assert "widgets" not in nb.metadata


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", text=text, name=name)


def test_chunks_of_a_stream_are_joined_and_overwritten_lines_dropped():
    nb = notebook([("a", "x", [])])
    chunks = ["10 %\r", "50 %\r", "100 %\n", "done\r\n"]
    nb.cells[0].outputs = [stream(text) for text in chunks]
    nb.cells[0].outputs += [stream("oh", "stderr"), stream("end")]
    normalize(nb)
    texts = [output.text for output in nb.cells[0].outputs]
    assert texts == ["100 %\ndone\n", "oh", "end"]
    assert [finding.rule for finding in check_outputs(nb, "x")] == ["stderr"]


def test_fleeting_metadata_go_and_chosen_ones_stay():
    nb = notebook([("a", "x", ["keep"])])
    nb.metadata.update(widgets={}, custom=1, course={"sources": "1"})
    nb.cells[0].metadata.update(execution={"t": 1}, nbgrader={"grade": True})
    normalize(nb)
    assert set(nb.metadata) == {"kernelspec", "language_info", "course"}
    assert set(nb.cells[0].metadata) == {"tags", "nbgrader"}
    assert "version" not in nb.metadata.language_info
