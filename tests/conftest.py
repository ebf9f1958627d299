"""For every test: one thread, shapes checked as types, a small course to spoil."""

import os
import shutil

import jaxtyping
import pytest
import torch

from course_utils.syllabus import lesson_modules
from tests.authoring import planted

# Kernels and other processes that a test starts keep to one thread as well.
os.environ["OMP_NUM_THREADS"] = "1"
torch.set_num_threads(1)

# Before any import of the model: from here on a wrong shape is an error.
jaxtyping.install_import_hook(list(lesson_modules()), "beartype.beartype")


@pytest.fixture(autouse=True)
def _shapes_checked(request):
    """Switch the shape checks off for a test that is marked `no_typecheck`."""
    off = request.node.get_closest_marker("no_typecheck") is not None
    before = jaxtyping.config.jaxtyping_disable
    jaxtyping.config.update("jaxtyping_disable", off)
    yield
    jaxtyping.config.update("jaxtyping_disable", before)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The small course with executed outputs, and its reports; nobody writes there."""
    from course_utils.authoring.build import build

    course = planted.checkout(tmp_path_factory.mktemp("course"))
    return course, build(course=course, threads=1)


@pytest.fixture
def built(built_once, tmp_path):
    """A built copy of the small course that a test may spoil."""
    shutil.copytree(built_once[0].root, tmp_path / "copy")
    return planted.again(tmp_path / "copy")
