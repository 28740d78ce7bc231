"""The shim of ``shim.c``, compiled and put under a Python process."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]

_HEAD = struct.Struct("=cQQ64s")


class Event(NamedTuple):
    """What was done to a file: created, written, truncated (``offset`` is the new size), synced, unlinked.

    "." is the folder. Of kind "A" is what the process noted itself: that something was acknowledged.
    """

    kind: str
    name: str
    offset: int
    data: bytes


def build(folder: Path) -> Path:
    """Compile the shim into a folder."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        raise RuntimeError(
            "the faults of a disk are made by a small library in C, preloaded: these tests need Linux and a C"
            " compiler (apt-get install gcc libc6-dev)"
        )
    library = folder / "shim.so"
    source = Path(__file__).with_name("shim.c")
    command = [compiler, "-Wall", "-Werror", "-O2", "-shared", "-fPIC", "-o", library, source]
    subprocess.run([*command, "-ldl", "-lpthread"], check=True)
    return library


def environment(library: Path, database: Path, **more: object) -> dict[str, str]:
    """Return the environment of a process whose disk, as far as it is the database's, is the shim's."""
    own = {"LD_PRELOAD": library, "SHIM_FILES": database, "PYTHONPATH": ROOT, **more}
    return {**os.environ, **{name: str(value) for name, value in own.items()}}


def run(module: str, *arguments: object, env: dict[str, str]) -> str:
    """Run a module of these tests to its end, and return what it printed."""
    command = [sys.executable, "-m", f"tests.faults.{module}", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=env, text=True, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"{module} {arguments} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def acknowledge(log: int, told: bytes) -> None:
    """Note in the log, at this place of it, that something was acknowledged."""
    os.write(log, _HEAD.pack(b"A", 0, len(told), b"") + told)


def events(log: Path) -> Iterator[Event]:
    """Return what a log holds, in order."""
    whole = memoryview(log.read_bytes())
    place = 0
    while place < len(whole):
        kind, offset, size, name = _HEAD.unpack_from(whole, place)
        place += _HEAD.size
        yield Event(
            kind.decode(), name.rstrip(b"\0").decode(), offset, bytes(whole[place : place + size])
        )
        place += size
