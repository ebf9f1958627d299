"""A skipped test is a failure in the automatic run unless its reason is listed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.strict_skips import is_allowed, patterns

ROOT = Path(__file__).parent.parent


def run_pytest(folder, text, *options):
    """Run pytest with as few plugins as it takes, because it is started often."""
    (folder / "test_planted.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.strict_skips"]
    return subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", folder, *options, folder],
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST")},
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
        },
    )


def test_a_listed_skip_is_allowed():
    listed = patterns("tests/test_x.py::*  # needs the corpora\n# a comment\n")
    assert is_allowed("tests/test_x.py::test_a", listed)
    assert not is_allowed("tests/test_y.py::test_a", listed)


def test_a_list_entry_needs_a_reason():
    with pytest.raises(ValueError, match="gives no reason"):
        patterns("tests/test_x.py::test_a")


SKIPS = {
    "a skipped test": "import pytest\ndef test_a():\n    pytest.skip('why')\n",
    "a skipped file": "import pytest\npytest.importorskip('no_such_module')\n",
}


@pytest.mark.parametrize("workers", [[], ["-p", "xdist.plugin", "-n", "2"]])
@pytest.mark.parametrize("text", SKIPS.values(), ids=SKIPS)
def test_a_planted_skip_turns_the_run_red(tmp_path, text, workers):
    run = run_pytest(tmp_path, text, *workers)
    assert run.returncode == 1, run.stdout
    assert "SKIPPED WITHOUT A LISTED REASON" in run.stdout


def test_an_expected_failure_is_no_skip(tmp_path):
    text = "import pytest\n@pytest.mark.xfail\ndef test_a():\n    assert False\n"
    run = run_pytest(tmp_path, text)
    assert run.returncode == 0, run.stdout
