"""The command line as its users meet it: a process, its streams, its exit code."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
SECONDS = 60
"""Nothing here takes long; a process that hangs fails its test after this time."""


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNFOX")}
    return {**kept, "PYTHONPATH": str(ROOT), "NIGHT_WATCH_PACE": "0", "COLUMNS": "100", **more}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "runfox", *map(str, arguments)]


class Ran(NamedTuple):
    """What a process left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def runfox(*arguments: str | Path, cwd: Path, **env: str) -> Ran:
    """Run a command to its end."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


class Running:
    """A command that is at work."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.seen: list[str] = []

    def wait_for(self, text: str) -> None:
        """Read stderr until a line has that text."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.seen.append(line)
            if text in line:
                return
        raise AssertionError(f"{text!r} never came; what came:\n{''.join(self.seen)}")

    def end(self, number: int | None = None) -> Ran:
        """Send a signal, if one is given, and return what the process left."""
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SECONDS)
        return Ran(self.process.returncode, out, "".join(self.seen) + err)


@contextmanager
def started(*arguments: str | Path, cwd: Path, **env: str) -> Iterator[Running]:
    """Start a command; whatever happens, it is gone in the end."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=cwd,
        env=environment(**env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield Running(process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate(timeout=SECONDS)


def completions(history: list[dict[str, Any]]) -> list[tuple[str, int]]:
    """The step and run of every completion that a history records."""
    return [
        (fact["step"], fact["run_id"])
        for commit in history
        for fact in commit["facts"]
        if fact["fact"] == "StepSucceeded"
    ]
