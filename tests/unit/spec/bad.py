"""A workflow with mistakes, and the ways to write one shortly."""

from typing import NamedTuple


class Bad(NamedTuple):
    codes: str
    text: str


def steps(text: str) -> str:
    return "name: x\nsteps:\n" + text


def one(text: str) -> str:
    """A workflow of one step ``a`` with more keys, each on its line."""
    lines = "".join(f"    {line}\n" for line in text.strip("\n").split("\n"))
    return steps("  - id: a\n" + lines)


def with_input(text: str) -> str:
    return one(f"input: {{v: {text}}}")


def when(text: str) -> str:
    return one(f"branch:\n  - condition: {text}\n    action: complete")


def top(text: str) -> str:
    """A workflow of one step with more keys of its own, each on its line."""
    return f"name: x\n{text}\nsteps: [{{id: a}}]"
