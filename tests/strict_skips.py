"""A pytest plugin that turns a skip without a listed reason into a failure.

`.ci/run` loads it. A line of allowed_skips.txt is a pattern for the test's id and,
after a `#`, the reason why the test cannot run everywhere.
"""

from fnmatch import fnmatch
from pathlib import Path

LISTED = Path(__file__).with_name("allowed_skips.txt")


def patterns(text):
    """Return the patterns of the list; refuse a line that gives no reason."""
    found = []
    for line in text.splitlines():
        pattern, _, reason = line.partition("#")
        if not pattern.strip():
            continue
        if not reason.strip():
            raise ValueError(f"{line!r} gives no reason; write: pattern  # reason")
        found.append(pattern.strip())
    return found


def is_allowed(nodeid, listed):
    """Say whether a pattern of the list covers this test."""
    return any(fnmatch(nodeid, pattern) for pattern in listed)


class StrictSkips:
    """Collects the skipped tests and fails the run for those that are not listed."""

    def __init__(self, listed):
        self.listed = listed
        self.silent = []

    def note(self, report):
        if report.skipped and not hasattr(report, "wasxfail"):
            if not is_allowed(report.nodeid, self.listed):
                self.silent.append(report.nodeid)

    def pytest_runtest_logreport(self, report):
        self.note(report)

    def pytest_collectreport(self, report):
        self.note(report)

    def pytest_sessionfinish(self, session):
        if self.silent and not hasattr(session.config, "workerinput"):
            session.exitstatus = 1

    def pytest_terminal_summary(self, terminalreporter):
        for nodeid in self.silent:
            terminalreporter.write_line(
                f"SKIPPED WITHOUT A LISTED REASON {nodeid} (tests/allowed_skips.txt)",
                red=True,
            )


def pytest_configure(config):
    """Register the collector."""
    config.pluginmanager.register(StrictSkips(patterns(LISTED.read_text())))
