"""Hold the lessons and the package against each other.

A public name of a lesson module is introduced by exactly one cell, tagged with
`defines:`; that cell and the package have equal syntax trees; no other cell binds
the name; no lesson imports it earlier, except the previews of the syllabus. Helpers
that the syllabus lists under `supplies` need no cell; all else holds for them too.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode

from course_utils.authoring.findings import Finding
from course_utils.authoring.notebooks import (
    DEFINES,
    code_cells,
    defined_name,
    parse_cell,
)
from course_utils.authoring.package import (
    Package,
    UnknownNameError,
    bound_names,
    same_code,
)
from course_utils.syllabus import Lesson, lesson_modules

__all__ = ["check_lesson", "check_syllabus"]


def check_syllabus(lessons: Sequence[Lesson], package: Package) -> list[Finding]:
    """Find names that the syllabus and the package do not both have."""
    names = Counter(name for lesson in lessons for name in lesson.gains)
    findings = [
        Finding("introduced-twice", "syllabus", f"{name} is introduced by two lessons")
        for name, count in names.items()
        if count > 1
    ]
    for module in lesson_modules(lessons):
        if package.path(module) is None:
            message = f"the lessons introduce names of {module}, which does not exist"
            findings.append(Finding("missing-module", "syllabus", message))
            continue
        public = {f"{module}.{short}" for short in package.public(module)}
        listed = {name for name in names if name.rpartition(".")[0] == module}
        for name in sorted(listed - public):
            message = f"{name} is introduced by a lesson, but not in its __all__"
            findings.append(Finding("unknown-name", "syllabus", message))
        for name in sorted(public - listed):
            message = f"{name} is public, but no lesson introduces it"
            findings.append(Finding("never-introduced", "syllabus", message))
    return findings


def check_lesson(
    nb: NotebookNode,
    lesson: Lesson,
    lessons: Sequence[Lesson],
    package: Package,
    name: str,
) -> list[Finding]:
    """Find where this lesson and the package have drifted apart."""
    owners = {dotted: other for other in lessons for dotted in other.gains}
    findings = [
        Finding(rule, name, message, cell)
        for rule, cell, message in [
            *_definitions(nb, lesson, owners, package),
            *_redefinitions(nb, owners, package),
            *_early_imports(nb, lesson, owners, package),
        ]
    ]
    return findings


Problems = Iterator[tuple[str, str, str]]
Owners = Mapping[str, Lesson]


def _definitions(
    nb: NotebookNode, lesson: Lesson, owners: Owners, package: Package
) -> Problems:
    """Compare each tagged cell with the package, and count the introductions."""
    counts: Counter[str] = Counter()
    for cell in code_cells(nb):
        target = defined_name(cell)
        if target is None:
            continue
        counts[target] += 1
        owner = owners.get(target)
        if owner is not None and owner.number != lesson.number:
            message = f"{target} is introduced by lesson {owner.number}, not here"
            yield "wrong-lesson", cell.id, message
        if not _is_definition(cell, target, package):
            message = f"the cell is not {target} as the package has it; "
            yield "drift", cell.id, message + f"run `course build {lesson.number}`"
    for target in lesson.introduces:
        if counts[target] == 0:
            message = f"no cell is tagged {DEFINES}{target}"
            yield "not-introduced", "", message
    for target, count in counts.items():
        if count > 1:
            yield "introduced-twice", "", f"{count} cells define {target}"


def _is_definition(cell: NotebookNode, target: str, package: Package) -> bool:
    tree = parse_cell(cell)
    if tree is None or len(tree.body) != 1:
        return False
    try:
        return same_code(tree.body[0], package.definition(target))
    except UnknownNameError:
        return False


def _redefinitions(nb: NotebookNode, owners: Owners, package: Package) -> Problems:
    """Find untagged cells that bind a public name of a lesson module."""
    short = {dotted.rpartition(".")[2]: dotted for dotted in owners}
    for cell in code_cells(nb):
        tree = parse_cell(cell)
        if tree is None or defined_name(cell) is not None:
            continue
        for node in tree.body:
            for found in sorted(_bound_here(node, package) & set(short)):
                message = f"binds {found}, the name of {short[found]}; choose another"
                yield "redefinition", cell.id, message


def _bound_here(node: ast.stmt, package: Package) -> set[str]:
    """Return the names that a statement binds, imports from the package aside."""
    if isinstance(node, ast.ImportFrom) and package.owns(node.module):
        return set()
    return bound_names(node)


def _early_imports(
    nb: NotebookNode, lesson: Lesson, owners: Owners, package: Package
) -> Problems:
    """Find imports before a name's lesson, and previews that are none."""
    unused = set(lesson.previews)
    for cell in code_cells(nb):
        for dotted in _imported(parse_cell(cell), package):
            for target, owner in owners.items():
                inside = target == dotted or target.startswith(f"{dotted}.")
                if not inside or owner.number <= lesson.number:
                    continue
                unused.discard(target)
                if target not in lesson.previews:
                    message = (
                        f"imports {target} before lesson {owner.number}; list it in "
                        f"the previews of the syllabus and announce it, or wait"
                    )
                    yield "too-early", cell.id, message
    for target in sorted(unused):
        message = f"the syllabus lists the preview {target}, which is not imported"
        yield "unused-preview", "", message


def _imported(tree: ast.Module | None, package: Package) -> Iterator[str]:
    """Return the dotted names that a cell imports from the package."""
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            names = (alias.name for alias in node.names)
            yield from (name for name in names if "." in name and package.owns(name))
        elif isinstance(node, ast.ImportFrom) and package.owns(node.module):
            for alias in node.names:
                yield package.resolve(node.module, alias.name)
