"""Hostile and broken submissions: one status, honest points, and no trace.

All of them are graded together with three honest neighbors, in a few runs for the
whole file: at the strongest level of this machine, and with limits alone.
"""

import contextlib
import json
import os
import re
import socket
import tempfile
import warnings
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import torch
from typer.testing import CliRunner

from course_utils.cli import app
from course_utils.grading.grade import grade_all
from course_utils.grading.handback import hand_back
from course_utils.grading.intake import find_submissions
from course_utils.grading.job import Job
from course_utils.grading.limits import Limits
from course_utils.grading.pool import Pool
from course_utils.grading.results import STATUSES, Result, read_results
from course_utils.grading.sandbox import probe, what_is_not_guaranteed
from tests.grading.faults.base import ROOT, SLEEP, TRACE
from tests.grading.faults.of_spies import LISTENER
from tests.grading.faults.table import (
    FAULTS,
    HARMS_THE_USER,
    NEIGHBORS,
    SAMPLE,
    student_of,
    write,
)
from tests.grading.pages import Page

pytestmark = pytest.mark.timeout(1800)

LIMITS = Limits(seconds=20, memory_gb=2, processes=64)
SEED = 7
WEAK = "rlimits"
EVERYBODYS = ("/tmp", "/var/tmp", "/dev/shm")
OURS = ("/", "/etc", str(ROOT), str(Path.home()), str(Path(torch.__file__).parent))
RAW = ("<script", "\x1b", "\x07", "\u202e", "<img", "javascript:")
SAME_USER = any("runs as you" in gap for gap in what_is_not_guaranteed(WEAK))


def may_run(fault, level):
    """Say whether a fault can be let loose here: some would end these very tests."""
    return level != WEAK or not (SAME_USER and fault.name in HARMS_THE_USER)


STRONG_ONES = [one for one in FAULTS if may_run(one, probe())]
WEAK_ONES = [one for one in FAULTS if may_run(one, WEAK) and one.name in SAMPLE]
WEAK_REST = [one for one in FAULTS if may_run(one, WEAK) and one.name not in SAMPLE]


@dataclass
class Graded:
    """What a run has left behind: results and pages, and whatever should not be."""

    level: str
    out: Path
    results: dict[str, Result] = field(default_factory=dict)
    alone: Path = Path()
    heard: list[str] = field(default_factory=list)
    processes: list[str] = field(default_factory=list)
    traces: list[str] = field(default_factory=list)
    scratch: list[str] = field(default_factory=list)


class Listener:
    """A server on this machine that notes who speaks to it: TCP, UDP, named socket."""

    def __init__(self):
        inet, unix = socket.AF_INET, socket.AF_UNIX
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(inet, socket.SOCK_DGRAM)
        self.udp.bind(self.tcp.getsockname())
        self.named = socket.socket(unix, socket.SOCK_STREAM)
        self.named.bind(f"\0{TRACE}-{os.getpid()}")
        self.named.listen()
        for one in (self.tcp, self.udp, self.named):
            one.setblocking(False)

    def heard(self):
        """Return the ways in which somebody has spoken, and close them all."""
        asked = {"tcp": self.tcp.accept, "named": self.named.accept}
        asked["udp"] = lambda: self.udp.recv(100)
        found = []
        for name, ask in asked.items():
            with contextlib.suppress(BlockingIOError):
                ask()
                found.append(name)
        for one in (self.tcp, self.udp, self.named):
            one.close()
        return found


def users_of_sandboxes():
    """Return the users that sandboxes below this process have now, ours aside."""
    found = set()
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.add(one.uids().real)
    return found - {os.getuid()}


def processes_left(users):
    """Return what still runs of a sandbox: by its user, and by what only faults do."""
    found = []
    for one in psutil.process_iter(["cmdline", "uids", "status"]):
        line = one.info["cmdline"] or []
        user = one.info["uids"] and one.info["uids"].real
        if one.info["status"] == psutil.STATUS_ZOMBIE:
            continue
        if SLEEP in line or user in users:
            found.append(f"{one.pid} of {user}: {' '.join(line)[:80]}")
    mine = [one.name() for one in psutil.Process().children(recursive=True)]
    return [*found, *(name for name in mine if name == "bwrap")]


def clear_traces():
    """Return the files that faults have left in all places, and remove them."""
    found = [
        path for place in (*EVERYBODYS, *OURS) for path in Path(place).glob(f"{TRACE}*")
    ]
    for path in found:
        path.unlink()
    return [str(path) for path in found]


def grade(folder, name, level, faults, on_result=lambda result: None):
    """Grade submissions with two processes; return results and folder."""
    source = write(folder / f"{name}-given", faults)
    out = folder / name
    out.mkdir(mode=0o700)
    (out / ".seed").write_text("11")
    job = Job(SEED, level, LIMITS)
    results = grade_all(
        find_submissions(source), out, job, Pool(2), on_result=on_result
    )
    hand_back(out, results, gradescope=True)
    return results, out


def whole_run(folder, level, faults):
    """Grade faults with neighbors, and the neighbors alone, watching for traces."""
    scratch = folder / "tmp"
    scratch.mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(scratch)
    folder.chmod(0o755)
    listener, users = Listener(), set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        patch.setitem(LISTENER, "port", listener.tcp.getsockname()[1])
        patch.setitem(LISTENER, "name", f"{TRACE}-{os.getpid()}")
        patch.setitem(LISTENER, "results", str(folder / "all"))
        try:
            clear_traces()
            _, alone = grade(folder, "alone", level, NEIGHBORS)
            results, out = grade(
                folder,
                "all",
                level,
                [*faults, *NEIGHBORS],
                lambda result: users.update(users_of_sandboxes()),
            )
        finally:
            tempfile.tempdir = before
    by_student = Counter(one.student for one in results)
    assert set(by_student.values()) == {1}
    return Graded(
        level,
        out,
        {one.student: one for one in results},
        alone,
        listener.heard(),
        processes_left(users),
        clear_traces(),
        sorted(path.name for path in scratch.glob("course-*")),
    )


@pytest.fixture(scope="module")
def strong(tmp_path_factory):
    """All faults, at the strongest level that this machine offers."""
    return whole_run(tmp_path_factory.mktemp("strong"), probe(), STRONG_ONES)


@pytest.fixture(scope="module")
def weak(tmp_path_factory):
    """A sample of the faults, confined by limits alone."""
    return whole_run(tmp_path_factory.mktemp("weak"), WEAK, WEAK_ONES)


@pytest.fixture(scope="module")
def weak_rest(tmp_path_factory):
    """All other faults, confined by limits alone."""
    return whole_run(tmp_path_factory.mktemp("rest"), WEAK, WEAK_REST)


@pytest.fixture(
    params=["strong", "weak", pytest.param("weak_rest", marks=pytest.mark.slow)]
)
def run(request):
    """Each of the runs."""
    return request.getfixturevalue(request.param)


def ids(faults):
    """Return the faults with their names, for the names of the tests."""
    return [pytest.param(one, id=one.name) for one in faults]


def assert_honest(run, fault):
    """Assert that a fault has ended in one of the ways that are right."""
    result = run.results[student_of(fault)]
    assert result.status in STATUSES
    assert (result.status, result.points) in fault.at(run.level), result.message
    assert (result.lesson, result.max_points) == (
        fault.lesson,
        13 if fault.lesson else 0,
    )


# --- one status, and honest points ---------------------------------------------------


def test_there_are_enough_faults_and_each_has_its_own_name():
    names = {student_of(one) for one in (*FAULTS, *NEIGHBORS)}
    assert len(FAULTS) >= 55
    assert len(names) == len(FAULTS) + len(NEIGHBORS)
    assert names >= SAMPLE - {one.name for one in FAULTS if one.folder}
    assert len(SAMPLE) >= 15


@pytest.mark.parametrize("fault", ids([*STRONG_ONES, *NEIGHBORS]))
def test_honest_at_the_strongest_level(strong, fault):
    assert_honest(strong, fault)


@pytest.mark.parametrize("fault", ids([*WEAK_ONES, *NEIGHBORS]))
def test_honest_with_limits_alone(weak, fault):
    assert_honest(weak, fault)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ids([*WEAK_REST, *NEIGHBORS]))
def test_the_others_are_honest_with_limits_alone(weak_rest, fault):
    assert_honest(weak_rest, fault)


def test_only_what_the_faults_spoil_loses_points(run):
    lost = {
        verdict["exercise"]
        for fault in FAULTS
        if ("graded", 9) == fault.at(run.level)[0] and student_of(fault) in run.results
        for verdict in run.results[student_of(fault)].exercises
        if verdict["points"] < verdict["most_points"]
    }
    assert lost == {"02-attention"}


# --- nobody else is touched ----------------------------------------------------------


@pytest.mark.parametrize("neighbor", ids(NEIGHBORS))
def test_results_of_neighbors_are_the_same_to_the_byte(run, neighbor):
    name = f"results/{neighbor.name}-02.json"
    with_faults, alone = (
        [
            line
            for line in (out / name).read_bytes().splitlines()
            if b'"seconds"' not in line
        ]
        for out in (run.out, run.alone)
    )
    assert with_faults == alone


def test_every_result_is_one_file_that_the_grader_has_written(run):
    files = sorted(path.name for path in (run.out / "results").iterdir())
    assert len(files) == len(run.results)
    assert {one.student: one for one in read_results(run.out)} == run.results
    assert (run.out / ".seed").read_text() == "11"


def test_results_stay_small_whatever_is_returned(run):
    sizes = [path.stat().st_size for path in (run.out / "results").iterdir()]
    assert max(sizes) < 50_000


def test_no_process_is_left(run):
    assert run.processes == []


def test_no_file_is_left(run):
    allowed = EVERYBODYS if run.level == WEAK else ()
    allowed += OURS if run.level == WEAK and SAME_USER else ()
    assert [one for one in run.traces if str(Path(one).parent) not in allowed] == []
    assert run.scratch == []


def test_nobody_reaches_the_network_out_of_a_sandbox(strong):
    is_open = strong.level == WEAK
    assert strong.heard == [] or is_open


# --- nothing of a student's is shown raw ---------------------------------------------


def test_pages_show_nothing_that_a_browser_would_take_for_more_than_text(run):
    pages = sorted(run.out.rglob("*.html"))
    assert len(pages) > len(NEIGHBORS)
    for path in pages:
        text = path.read_text(encoding="utf-8")
        Page(text).check_frame()
        assert [raw for raw in RAW if raw in text] == []


def test_other_files_hold_no_control_characters_and_no_markup(run):
    kinds = ("*.md", "*.csv", "results.json")
    files = [path for kind in kinds for path in run.out.rglob(kind)]
    assert len(files) > len(NEIGHBORS)
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert not set(text) & set("\x1b\x07\u202e\x9b\x00")
        if path.suffix == ".md":  # in a span of code, markup is text
            assert "<script" not in re.sub(r"`[^`\n]*`", "", text)
    assert "\n=" not in (run.out / "gradebook.csv").read_text(encoding="utf-8")


def test_the_terminal_shows_no_control_character(tmp_path):
    shown = [one for one in FAULTS if one.folder or one.name == "renamed"]
    source = write(tmp_path / "given", shown)
    arguments = ["grade", str(source), "--out", str(tmp_path / "out"), "--jobs", "1"]
    plain = CliRunner().invoke(app, [*arguments, "--allow-unsandboxed"])
    as_json = CliRunner().invoke(app, [*arguments, "--allow-unsandboxed", "--json"])
    assert (plain.exit_code, as_json.exit_code) == (0, 0), plain.output
    assert json.loads(as_json.stdout)["statuses"] == {"refused": len(shown)}
    for called in (plain, as_json):
        assert not set(called.output) & set("\x07\x00\u202e\x9b")
        assert "\x1b[2J" not in called.output
        assert "\x1b]" not in called.output
        assert "<script" not in called.output


# --- what is not guaranteed ----------------------------------------------------------


def test_the_report_says_what_the_level_does_not_guarantee(run):
    page = Page((run.out / "report.html").read_text(encoding="utf-8"))
    gaps = what_is_not_guaranteed(run.level)
    assert run.level in page.text
    assert [gap for gap in gaps if gap not in page.text] == []
    assert bool(gaps) == (run.level != "bubblewrap")


def test_limits_alone_leave_open_what_the_report_says(weak):
    gaps = " ".join(what_is_not_guaranteed(WEAK))
    assert "network" in gaps
    assert weak.heard == ["tcp", "named", "udp"]
    assert "everybody may write" in gaps
    assert {str(Path(path).parent) for path in weak.traces} <= {*EVERYBODYS, *OURS}
    assert "read files" in gaps
    found = [one for one in FAULTS if one.name.startswith("oracle-") and one.weak]
    assert any(weak.results[one.name].points == 13 for one in found)


# --- archives ------------------------------------------------------------------------


def bomb(archive):
    """300 MB of zeros."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        with file.open("ada/02_attention.ipynb", "w") as member:
            for _ in range(300):
                member.write(bytes(2**20))


def member(name, mode=0o644):
    """Return a maker of an archive with one member of this name."""

    def make(archive):
        with zipfile.ZipFile(archive, "w") as file:
            about = zipfile.ZipInfo(name)
            about.external_attr = mode << 16
            file.writestr(about, "/etc/passwd")

    return make


def many_files(archive):
    """25,000 files."""
    with zipfile.ZipFile(archive, "w") as file:
        for i in range(25_000):
            file.writestr(f"ada/{i}", "")


def twice(archive):
    """The same file twice."""
    with zipfile.ZipFile(archive, "w") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(2):
            file.writestr("ada/02_attention.ipynb", "{}")


ARCHIVES = {
    "bomb": bomb,
    "above": member(f"../{TRACE}.ipynb"),
    "absolute": member(f"/tmp/{TRACE}.ipynb"),
    "backslash": member(f"..\\..\\{TRACE}.ipynb"),
    "drive": member(f"C:\\{TRACE}.ipynb"),
    "link": member("ada/02_attention.ipynb", 0o120777),
    "device": member("ada/02_attention.ipynb", 0o020666),
    "many": many_files,
    "twice": twice,
    "no-zip": lambda archive: archive.write_bytes(b"PK\x03\x04 and no more"),
}


@pytest.mark.parametrize("kind", ARCHIVES)
def test_archives_that_no_honest_program_makes_are_refused(tmp_path, kind):
    archive, scratch = tmp_path / "class.zip", tmp_path / "scratch" / "inner"
    scratch.mkdir(parents=True)
    ARCHIVES[kind](archive)
    with pytest.raises(ValueError, match=r"class\.zip (is refused|cannot be unpacked)"):
        find_submissions(archive, scratch=scratch)
    assert list(tmp_path.rglob(f"{TRACE}*")) == []
    assert clear_traces() == []
    assert (
        sum(one.stat().st_size for one in scratch.rglob("*") if one.is_file()) < 2**28
    )
