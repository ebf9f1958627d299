"""constraints.txt: what it names is installed, complete, and installs everywhere."""

import importlib.metadata
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def read_pins():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and line[0] != "#"]
    return {canonicalize_name(name): version for name, version in pins}


PINS = read_pins()


def needed(names, seen):
    """Add what these distributions need on this machine, and what that needs."""
    for line in names:
        one = Requirement(line)
        name = canonicalize_name(one.name)
        extras = one.extras or {""}
        wanted = not one.marker or any(
            one.marker.evaluate({"extra": e}) for e in extras
        )
        if not wanted or (name, tuple(sorted(extras))) in seen:
            continue
        seen.add((name, tuple(sorted(extras))))
        for requirement in importlib.metadata.requires(name) or []:
            inner = Requirement(requirement)
            if not inner.marker or any(
                inner.marker.evaluate({"extra": e}) for e in extras
            ):
                inner.marker = None
                needed([str(inner)], seen)


def everything():
    seen = set()
    needed(
        PROJECT["dependencies"] + [line for x in EXTRAS.values() for line in x], seen
    )
    return {name for name, _ in seen}


def test_every_range_admits_the_version_that_was_tested():
    for line in PROJECT["dependencies"] + [line for x in EXTRAS.values() for line in x]:
        one = Requirement(line)
        assert one.specifier.contains(PINS[canonicalize_name(one.name)]), line


def test_everything_that_is_needed_is_pinned_to_what_is_installed():
    installed = {
        name: Version(importlib.metadata.version(name)) for name in everything()
    }
    public = {name: version.public for name, version in installed.items()}
    assert public == {name: PINS.get(name) for name in public}


def test_pins_name_no_local_build():
    assert [version for version in PINS.values() if Version(version).local] == []


def test_the_pins_install_on_the_oldest_python_that_is_promised():
    oldest = PROJECT["requires-python"].removeprefix(">=") + ".0"
    refusing = []
    for name in everything():
        wants = importlib.metadata.metadata(name).get("Requires-Python")
        if wants and not SpecifierSet(wants).contains(oldest):
            refusing.append(f"{name} {wants}")
    assert refusing == []
