"""The small course: unbuilt, built, and a copy of it to spoil."""

import shutil

import pytest

from course_utils.authoring.build import build
from tests.authoring import planted


@pytest.fixture(scope="session")
def built_once(tmp_path_factory):
    """The small course with executed outputs; nobody writes into it."""
    course = planted.checkout(tmp_path_factory.mktemp("course"))
    return course, build(course=course, threads=1)


@pytest.fixture
def built(built_once, tmp_path):
    """A built copy that a test may spoil."""
    shutil.copytree(built_once[0].root, tmp_path / "copy")
    return planted.again(tmp_path / "copy")
