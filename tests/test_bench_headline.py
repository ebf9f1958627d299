"""The headline bench: what holds, what the processor lacks, and what fails the run."""

import json
from dataclasses import replace

import pytest

from benchmarks import headline
from benchmarks.claims import Claim

GOOD = Claim("twelve times smaller", 12, 12.4, note="words included")
BAD = Claim("four times faster", 4, 3.9)
LACKING = Claim("int8 | both", 3, 2.5, needs="VNNI")
LOSS = Claim("points lost, as a negative", -1, -0.9, "points")


@pytest.fixture
def _found(monkeypatch, request):
    monkeypatch.setattr(headline, "measure", lambda: iter(request.param))


@pytest.mark.parametrize("_found", [[GOOD, LOSS, LACKING]], indirect=True)
@pytest.mark.usefixtures("_found")
def test_what_the_processor_lacks_is_shown_and_fails_nothing(capsys):
    headline.main(json=True)
    report = json.loads(capsys.readouterr().out)
    assert [one["holds"] for one in report["claims"]] == [True, True, False]
    first = report["claims"][0]
    assert (first["claim"], first["at_least"]) == ("twelve times smaller", 12)
    assert first["measured"] == 12.4
    headline.main()
    table = capsys.readouterr().out
    assert "| 12 × | 12.4 × | yes |" in table
    assert "no: this processor lacks VNNI" in table


@pytest.mark.parametrize("_found", [[GOOD, BAD]], indirect=True)
@pytest.mark.usefixtures("_found")
def test_a_claim_that_does_not_hold_fails_the_run(capsys):
    with pytest.raises(AssertionError, match="four times faster"):
        headline.main()
    assert "| 4 × | 3.9 × | no |" in capsys.readouterr().out


@pytest.mark.parametrize(
    "_found", [[GOOD, replace(BAD, measured=5, beside=True), LOSS]], indirect=True
)
@pytest.mark.usefixtures("_found")
def test_the_readme_quotes_the_headlines_alone(capsys):
    headline.main()
    table = capsys.readouterr().out
    quoted = headline.excerpt(table)
    assert "four times faster" in table
    assert "four times faster" not in quoted
    assert "twelve times smaller" in quoted
    assert "points lost" in quoted
    assert quoted.endswith(table.splitlines()[-1] + "\n")
    assert "One thread, processor time." in quoted
