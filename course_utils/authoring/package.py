"""Read the package's source as text, without importing it."""

import ast
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Package", "UnknownNameError", "bound_names", "same_code", "without_docs"]

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class UnknownNameError(LookupError):
    """A dotted name that the package does not define."""


@dataclass(frozen=True)
class Package:
    """The source files below one folder, for example `course_utils/`."""

    folder: Path
    _trees: dict[str, ast.Module] = field(default_factory=dict, repr=False)

    def owns(self, module: str | None) -> bool:
        """Say whether a module, existing or not, belongs to the package."""
        return (module or "").split(".")[0] == self.folder.name

    def path(self, module: str) -> Path | None:
        """Return the file of a module, or None."""
        if not self.owns(module):
            return None
        place = self.folder.joinpath(*module.split(".")[1:])
        candidates = (place / "__init__.py", place.with_suffix(".py"))
        return next((path for path in candidates if path.is_file()), None)

    def tree(self, module: str) -> ast.Module:
        """Return the syntax tree of a module."""
        if module not in self._trees:
            path = self.path(module)
            if path is None:
                raise UnknownNameError(f"there is no module {module}")
            self._trees[module] = ast.parse(path.read_text(encoding="utf-8"))
        return self._trees[module]

    def public(self, module: str) -> tuple[str, ...]:
        """Return what `__all__` of the module lists."""
        for node in self.tree(module).body:
            if "__all__" in bound_names(node) and getattr(node, "value", None):
                return tuple(ast.literal_eval(node.value))
        return ()

    def definition(self, name: str) -> ast.stmt:
        """Return the statement that defines a dotted name.

        Raises:
            UnknownNameError: the package has no such function, class or constant.
        """
        module, _, short = name.rpartition(".")
        for node in self.tree(module).body:
            if short in bound_names(node) and not _is_import(node):
                return node
        raise UnknownNameError(f"{module} does not define {short}")

    def source(self, name: str) -> str:
        """Return the text of a definition with its decorators and leading comments."""
        node = self.definition(name)
        path = self.path(name.rpartition(".")[0])
        lines = path.read_text(encoding="utf-8").splitlines()
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(d.lineno for d in decorators)]) - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
        return "\n".join(lines[first : node.end_lineno])

    def resolve(self, module: str, short: str) -> str:
        """Return the dotted name that `from module import short` really brings."""
        if self.path(module) is None:
            return f"{module}.{short}"
        for node in self.tree(module).body:
            if isinstance(node, ast.ImportFrom) and short in bound_names(node):
                alias = next(a for a in node.names if (a.asname or a.name) == short)
                return self.resolve(self.absolute(module, node), alias.name)
        return f"{module}.{short}"

    def absolute(self, module: str, node: ast.ImportFrom) -> str:
        """Return the module that an import statement inside `module` names."""
        if not node.level:
            return node.module or ""
        is_package = self.path(module).name == "__init__.py"
        parts = module.split(".")
        base = parts[: len(parts) - node.level + is_package]
        return ".".join([*base, *([node.module] if node.module else [])])


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, ast.Import | ast.ImportFrom)


def bound_names(node: ast.AST) -> set[str]:
    """Return the names that a statement binds in its own scope."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    if _is_import(node):
        return {alias.asname or alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return {node.id}
    if isinstance(node, ast.ExceptHandler):
        inside = bound_names_of(ast.iter_child_nodes(node))
        return inside | ({node.name} if node.name else set())
    if isinstance(node, ast.Lambda):
        return set()
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        walrus = (n for n in ast.walk(node) if isinstance(n, ast.NamedExpr))
        return {n.target.id for n in walrus}
    return bound_names_of(children)


def bound_names_of(nodes) -> set[str]:
    """Return the names that several nodes bind."""
    return set().union(*(bound_names(node) for node in nodes))


def without_docs(tree: ast.AST) -> ast.AST:
    """Return a copy of the tree without docstrings."""
    copy = ast.parse(ast.unparse(tree))
    for node in ast.walk(copy):
        if isinstance(node, (*_DEFINITIONS, ast.Module)) and ast.get_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return copy


def same_code(one: ast.AST, other: ast.AST) -> bool:
    """Say whether two trees are equal, docstrings and comments aside."""
    return ast.dump(without_docs(one)) == ast.dump(without_docs(other))
