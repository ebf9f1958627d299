"""Small mechanical changes of a right answer, one at a time, by its syntax tree."""

import ast
import copy
from collections.abc import Iterator

__all__ = ["mutations"]

SWAPS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def mutations(source: str) -> Iterator[tuple[str, str]]:
    """Yield (what was changed, the changed source) for every place of a source."""
    tree = ast.parse(source)
    count = len(list(ast.walk(tree)))
    seen = {ast.unparse(tree)}
    for place in range(count):
        for number in range(3):
            changed = copy.deepcopy(tree)
            node = list(ast.walk(changed))[place]
            if _in_signature(changed, node):
                continue
            what = _change(changed, node, number)
            text = ast.unparse(ast.fix_missing_locations(changed)) if what else ""
            if what and text not in seen:
                seen.add(text)
                yield f"line {getattr(node, 'lineno', '?')}: {what}", text


def _in_signature(tree: ast.AST, node: ast.AST) -> bool:
    """Say whether a node is an annotation or a docstring: changing it does nothing."""
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            quiet = [one.returns] if isinstance(one, ast.FunctionDef) else []
            if isinstance(one, ast.FunctionDef):
                quiet += [arg.annotation for arg in one.args.args]
            if ast.get_docstring(one):
                quiet.append(one.body[0])
            if any(node in ast.walk(part) for part in quiet if part is not None):
                return True
    return False


def _change(tree: ast.AST, node: ast.AST, number: int) -> str:
    """Change a node in place; return what was done, or "" where nothing can be."""
    if isinstance(node, ast.Constant):
        return _constant(node, number)
    if number == 0 and isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        return _operator(node)
    if number == 0 and isinstance(node, ast.Compare):
        old = node.ops[0]
        if type(old) in SWAPS:
            node.ops[0] = SWAPS[type(old)]()
            return f"{type(old).__name__} becomes {type(node.ops[0]).__name__}"
    if number == 1 and isinstance(node, ast.BinOp):
        node.left, node.right = node.right, node.left
        return "two operands are swapped"
    if number == 0 and isinstance(node, ast.Call) and len(node.args) >= 2:
        node.args[0], node.args[1] = node.args[1], node.args[0]
        return "two arguments are swapped"
    if isinstance(node, ast.UnaryOp) and number == 0:
        return _replace(tree, node, node.operand, "a sign or a not is dropped")
    if isinstance(node, ast.Call) and number == 1:
        inner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if inner is not None and not isinstance(inner, ast.Name):
            return _replace(tree, node, inner, f".{node.func.attr}() is dropped")
    if isinstance(node, ast.If | ast.While | ast.IfExp) and number == 0:
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return "a condition is negated"
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and number == 2:
        return _replace_statement(tree, node)
    return ""


def _constant(node: ast.Constant, number: int) -> str:
    old = node.value
    if isinstance(old, bool):
        node.value = not old
    elif isinstance(old, int | float):
        node.value = (old + 1, old - 1, 0 if old else 2)[number]
    else:
        return ""
    return f"{old} becomes {node.value}" if node.value != old else ""


def _operator(node: ast.BinOp | ast.BoolOp | ast.AugAssign) -> str:
    old = type(node.op)
    if old not in SWAPS:
        return ""
    node.op = SWAPS[old]()
    return f"{old.__name__} becomes {SWAPS[old].__name__}"


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST, what: str) -> str:
    class Swap(ast.NodeTransformer):
        def visit(self, node):
            return new if node is old else self.generic_visit(node)

    Swap().visit(tree)
    return what


def _replace_statement(tree: ast.AST, node: ast.stmt) -> str:
    for parent in ast.walk(tree):
        for name in ("body", "orelse"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and node in block:
                block[block.index(node)] = ast.copy_location(ast.Pass(), node)
                return "a statement is deleted"
    return ""
