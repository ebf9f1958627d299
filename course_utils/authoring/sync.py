"""Rewrite the tagged cells of a lesson from the package's source."""

import ast

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import defined_name
from course_utils.authoring.package import Package, UnknownNameError

__all__ = ["lesson_text", "sync"]


def lesson_text(package: Package, name: str) -> str:
    """Return a definition as a lesson shows it: docstrings cut to their first line."""
    text = package.source(name)
    lines = text.splitlines()
    for node in reversed(_documented(ast.parse(text))):
        start, stop = node.lineno - 1, node.end_lineno
        lines[start:stop] = _first_line(lines[start:stop])
    return "\n".join(lines)


def sync(nb: NotebookNode, package: Package, name: str) -> tuple[list[str], list]:
    """Rewrite every tagged cell in place; return the changed cells and findings."""
    changed, findings = [], []
    for cell in nb.cells:
        target = defined_name(cell)
        if target is None:
            continue
        try:
            text = lesson_text(package, target)
        except UnknownNameError as error:
            message = f"{error}; correct the tag or the package"
            findings.append(Finding("unknown-name", name, message, cell.id))
            continue
        if cell.source != text:
            cell.source = text
            changed.append(cell.id)
    return changed, findings


def _documented(tree: ast.Module) -> list[ast.Expr]:
    """Return the docstring expressions of a definition, from top to bottom."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    nodes = (node for node in ast.walk(tree) if isinstance(node, kinds))
    found = [node.body[0] for node in nodes if ast.get_docstring(node) is not None]
    return sorted(found, key=lambda node: node.lineno)


def _first_line(lines: list[str]) -> list[str]:
    """Cut the lines of one docstring literal to its first sentence line."""
    if len(lines) == 1:
        return lines
    quotes = '"""' if '"""' in lines[0] else "'''"
    opening, _, first = lines[0].partition(quotes)
    if not first.strip():
        first = lines[1].strip().removesuffix(quotes)
    return [f"{opening}{quotes}{first.rstrip()}{quotes}"]
