"""Running what a document says, block by block, in a directory of its own."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from runfox.errors import SpecError
from runfox.spec import load
from tests.docs.blocks import COMMANDS, ROOT, Block, Command, commands

SHIM = """#!{python}
import sys
sys.path.insert(0, {root!r})
from runfox.cli import main
if __name__ == "__main__":  # child processes import what started them
    sys.argv[0] = "runfox"
    sys.exit(main())
"""
RUN = ("runfox ", "python ", "cat ", "sqlite3 ")
SECONDS = 120


class Document:
    """One directory, one set of Python variables and one environment for all blocks of a file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.variables: dict[str, Any] = {"__name__": "__main__"}
        if (ROOT / "examples").exists():
            shutil.copytree(ROOT / "examples", directory / "examples")
        self.environment = self._environment()

    def _environment(self) -> dict[str, str]:
        shims = self.directory / ".bin"
        shims.mkdir()
        shim = shims / "runfox"
        shim.write_text(SHIM.format(python=sys.executable, root=str(ROOT)))
        shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
        path = os.pathsep.join((str(shims), str(Path(sys.executable).parent), os.environ["PATH"]))
        return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), "COLUMNS": "100"}

    def run(self, block: Block) -> None:
        """Do what a block says; what is not so raises."""
        if block.filename and block.language != "sql":
            target = self.directory / block.filename
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text)
        match block.language:
            case "python":
                self._python(block)
            case "yaml":
                _yaml(block)
            case "json":
                json.loads(block.text)
            case "sql":
                self._sql(block)
            case "console" if block.section != COMMANDS:
                for command in commands(block):
                    self._command(block, command)
            case "console" | "text" | "toml" | "mermaid":
                pass
            case _:
                raise AssertionError(f"{block.place}: {block.language!r} blocks are not checked")

    def _python(self, block: Block) -> None:
        # Empty lines before it make tracebacks name the lines of the document.
        padded = "\n" * (block.line - 1) + block.text
        exec(compile(padded, str(block.file), "exec"), self.variables)

    def _command(self, block: Block, command: Command) -> None:
        place = f"{block.file.name}:{command.line}: $ {command.text}"
        assert command.text.startswith(RUN), f"{place}\nonly {RUN} are run; use a text block"
        done = subprocess.run(
            ["sh", "-c", command.text],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        printed = done.stdout + done.stderr
        assert done.returncode == command.status, f"{place}\nexit {done.returncode}\n{printed}"
        for line in command.output:
            assert _pattern(line).search(printed), f"{place}\nno line {line!r} in\n{printed}"

    def _sql(self, block: Block) -> None:
        """Run statements one by one, each committed by itself unless they say otherwise."""
        connection = sqlite3.connect(self.directory / self._database(block), isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            for statement in _statements(block.text):
                rows = connection.execute(statement, self.variables).fetchall()
                if rows:
                    self.variables.update(dict(rows[0]))
        finally:
            connection.close()

    def _database(self, block: Block) -> str:
        if block.filename:
            return block.filename
        found = sorted(path.name for path in self.directory.glob("*.db"))
        assert len(found) == 1, f"{block.place}: name the database (-- x.db), there are {found}"
        return found[0]


def _yaml(block: Block) -> None:
    refused = re.search(r"# refused: ([\w-]+)", block.text)
    if refused:
        _refused(block, refused[1])
        return
    value = yaml.safe_load(block.text)
    if isinstance(value, dict) and "steps" in value:
        load(block.text, source=block.place)


def _refused(block: Block, code: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(block.text, source=block.place)
    assert code in {problem.code for problem in caught.value.problems}, str(caught.value)


def _statements(text: str) -> list[str]:
    statements, open_part = [], ""
    for part in re.findall(r"[^;]*;|[^;]+$", text):
        open_part += part
        if sqlite3.complete_statement(open_part):
            statements.append(open_part)
            open_part = ""
    assert not re.sub(r"--.*", "", open_part).strip(), f"this statement has no end: {open_part}"
    return statements


def _pattern(line: str) -> re.Pattern[str]:
    """A line as it is shown: ``...`` stands for anything, runs of spaces for each other."""
    parts = (
        r"\s+".join(map(re.escape, part.split(" "))) for part in re.split(r"\.\.\.", line.strip())
    )
    return re.compile(".*".join(re.sub(r"(\\s\+)+", r"\\s+", part) for part in parts))
