"""The code blocks of a Markdown file."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
COMMANDS = "## Two commands"
"""Under this heading of README.md, two console blocks hold one command each, as people paste it."""

_FENCE = re.compile(r"^(?P<indent> *)(?P<fence>```+)(?P<language>\w*)[^`]*$")


class Block(NamedTuple):
    """``line`` is that of the first line of ``text`` in the file, from 1."""

    file: Path
    line: int
    language: str
    section: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}"

    @property
    def filename(self) -> str | None:
        """The file that the block is the content of: ``# handlers.py`` alone on the first line."""
        found = re.match(r"(?:#|--|//) *([\w./-]+\.\w+) *\n", self.text)
        return found[1] if found else None


def blocks(file: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a file in order. One that is not closed is an error."""
    section, lines = "", enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
    for number, line in lines:
        if line.startswith("#"):
            section = line.strip()
        opened = _FENCE.match(line)
        if opened is None:
            continue
        body: list[str] = []
        for _, inner in lines:
            if inner.strip() == opened["fence"]:
                break
            body.append(inner.removeprefix(opened["indent"]))
        else:
            raise AssertionError(f"{file.name}:{number}: this block is never closed")
        text = "".join(f"{one}\n" for one in body)
        yield Block(file, number + 1, opened["language"], section, text)


class Command(NamedTuple):
    """A line to type, the exit status it promises, and the lines it promises to print."""

    line: int
    text: str
    status: int
    output: tuple[str, ...]


def commands(block: Block) -> Iterator[Command]:
    r"""Yield what follows each ``$`` of a console block, with the lines shown under it.

    A backslash at the end of a line goes on in the next one. ``# exit 3`` at the end of a command
    promises that exit status; without it, it is 0.
    """
    number, typed, output = 0, "", list[str]()
    goes_on = False
    for offset, line in enumerate(block.text.splitlines()):
        if goes_on:
            typed = typed.removesuffix("\\") + line.lstrip("> ")
        elif line.startswith("$ "):
            if typed:
                yield _command(number, typed, output)
            number, typed, output = block.line + offset, line[2:], []
        elif not typed:
            raise AssertionError(f"{block.place}: output before the first command")
        elif line.strip():
            output.append(line)
        goes_on = typed.endswith("\\") and not output
    if typed:
        yield _command(number, typed, output)


def _command(number: int, typed: str, output: list[str]) -> Command:
    text, _, status = typed.partition("  # exit ")
    return Command(number, text.strip(), int(status or 0), tuple(output))


def two_commands(readme: Path) -> tuple[str, str]:
    """Return the two commands that README.md promises, as they would be pasted into a shell."""
    found = [b.text for b in blocks(readme) if b.section == COMMANDS and b.language == "console"]
    first, second = (text.removeprefix("$ ").strip() for text in found[:2])
    return first, second


if __name__ == "__main__":
    # .ci/run asks for the first or the second with a Python that has nothing installed.
    print(two_commands(ROOT / "README.md")[int(sys.argv[1]) - 1])
