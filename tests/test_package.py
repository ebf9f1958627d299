"""The package as a whole: light to import, one version number."""

import subprocess
import sys
import tomllib
from pathlib import Path

import course_utils

ROOT = Path(__file__).parent.parent


def test_version_is_the_one_in_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert course_utils.__version__ == project["version"]


def test_importing_the_package_imports_nothing_heavy():
    code = (
        "import sys, course_utils\n"
        "heavy = {'torch', 'numpy', 'matplotlib', 'typer', 'jaxtyping'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
