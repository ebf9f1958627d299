"""Sentences that several of these tests share."""

import pytest

from course_utils.data.phrasebook import phrasebook


@pytest.fixture(scope="session")
def french_train():
    """English-French pairs to train on, as many as the baselines may know."""
    return phrasebook("fr", 20_000)
