"""In tests, and only there, the shapes in the signatures are checked at every call."""

import subprocess
import sys
from pathlib import Path

import jaxtyping
import pytest
import torch

from course_utils.attention import attention_weights

ROOT = Path(__file__).parent.parent


def wrong_widths():
    return torch.zeros(5, 8), torch.zeros(7, 4)


def test_a_wrong_shape_is_an_error_that_names_the_argument():
    with pytest.raises(jaxtyping.TypeCheckError, match=r"parameters of .*attention_w"):
        attention_weights(*wrong_widths())


@pytest.mark.no_typecheck
def test_a_marked_test_meets_the_function_itself():
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        attention_weights(*wrong_widths())


def test_the_mark_ends_with_its_test():
    assert not jaxtyping.config.jaxtyping_disable


def test_readers_run_without_the_checks():
    code = "import sys, course_utils.attention; print('beartype' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert run.stdout.strip() == "False"
