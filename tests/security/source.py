"""What stands in the source: calls by name, and texts of SQL with something put into them."""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SQL = re.compile(
    r"\b(SELECT|INSERT INTO|INSERT OR|UPDATE|DELETE FROM|CREATE|DROP|ALTER|PRAGMA|WHERE|ORDER BY|VALUES|RETURNING"
    r"|NOTIFY|LISTEN|SET|AND|IN \()\b"
)


@cache
def modules():
    """Return the tree of every module of the package, by its path."""
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in sorted((ROOT / "runfox").rglob("*.py"))
    }


def name_of(node):
    """Return a dotted name, "" for what is none."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{name_of(node.value)}.{node.attr}"
        case _:
            return ""


def calls():
    """Yield every call: the path of its module, the name that is called, and the node."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield path, name_of(node.func), node


def imports():
    """Yield the path of each module, and what it imports."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            match node:
                case ast.Import():
                    yield from ((path, one.name) for one in node.names)
                case ast.ImportFrom():
                    yield path, node.module or ""
                    yield from ((path, f"{node.module}.{one.name}") for one in node.names)


def _texts(node):
    return "".join(
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def _put_in(node):
    """Return the sources of what is put into a text, nothing if a node makes none."""
    match node:
        case ast.JoinedStr():
            return [
                ast.unparse(part.value)
                for part in node.values
                if isinstance(part, ast.FormattedValue)
            ]
        case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str())):
            return [ast.unparse(node.right)]
        case ast.BinOp(op=ast.Add()):
            sides = (node.left, node.right)
            return [
                ast.unparse(side)
                for side in sides
                if not isinstance(side, ast.Constant | ast.JoinedStr)
            ]
        case ast.AugAssign(op=ast.Add()):
            return (
                []
                if isinstance(node.value, ast.Constant | ast.JoinedStr)
                else [ast.unparse(node.value)]
            )
        case ast.Call(func=ast.Attribute(attr="format")):
            return [ast.unparse(one) for one in [*node.args, *(key.value for key in node.keywords)]]
        case _:
            return []


def sql():
    """Yield what is put into texts of SQL: the path of the module and the source of the expression."""
    for path, tree in modules().items():
        if not path.startswith(("runfox/backend/sqlite", "runfox/backend/postgres")):
            continue
        for node in ast.walk(tree):
            found = _put_in(node)
            of_format = isinstance(node, ast.Call)
            if found and (of_format or SQL.search(_texts(node))):
                yield from ((path, one) for one in found)
