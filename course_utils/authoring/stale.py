"""Say whether stored outputs still belong to the code beside them."""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import code_cells, parse_cell
from course_utils.authoring.package import Package, without_docs

__all__ = ["check_stale", "hash_package", "hash_sources", "is_current", "stamp"]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def hash_sources(nb: NotebookNode) -> str:
    """Return a hash of the code cells in order; prose does not change an output."""
    return _digest([cell.source for cell in code_cells(nb)])


def _hash_outputs(nb: NotebookNode) -> str:
    return _digest([cell.outputs for cell in code_cells(nb)])


def hash_package(nb: NotebookNode, package: Package) -> str:
    """Return a hash of all package modules that the notebook needs, comments aside."""
    trees = [tree for cell in code_cells(nb) if (tree := parse_cell(cell))]
    waiting = [module for tree in trees for module in _imports(tree, "", package)]
    needed: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        if module in needed or package.path(module) is None:
            continue
        tree = package.tree(module)
        needed[module] = ast.dump(without_docs(tree))
        waiting += [module.rpartition(".")[0], *_imports(tree, module, package)]
    return _digest(needed)


def _imports(tree: ast.AST, module: str, package: Package) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.absolute(module, node) if node.level else node.module
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def stamp(nb: NotebookNode, package: Package) -> None:
    """Note in the notebook which code, package and outputs belong together."""
    nb.metadata.course = {
        "outputs": _hash_outputs(nb),
        "package": hash_package(nb, package),
        "sources": hash_sources(nb),
    }


def is_current(nb: NotebookNode, package: Package) -> bool:
    """Say whether executing the notebook again would find nothing new to run."""
    stored = nb.metadata.get("course", {})
    same_package = stored.get("package") == hash_package(nb, package)
    return same_package and not check_stale(nb, "")


def check_stale(nb: NotebookNode, name: str) -> Iterable[Finding]:
    """Find outputs that are older than the code, or that no build has made."""
    stored = nb.metadata.get("course", {})
    todo = f"run `course build {name[:2]}`".replace("  ", " ")
    if "sources" not in stored:
        return [Finding("never-built", name, f"the outputs come from no build; {todo}")]
    if stored["sources"] != hash_sources(nb):
        message = f"the outputs are older than the code; {todo}"
        return [Finding("stale", name, message)]
    if stored.get("outputs") != _hash_outputs(nb):
        message = f"the outputs were changed after the build; {todo}"
        return [Finding("edited-outputs", name, message)]
    return []
