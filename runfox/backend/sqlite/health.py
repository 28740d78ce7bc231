"""The health of a SQLite file: facts, and what they mean."""

import os
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from runfox.backend.health import schema_finding
from runfox.backend.protocols import Finding
from runfox.backend.sqlite import schema
from runfox.backend.sqlite.database import BUSY_MS, Database, translated

MB = 1024 * 1024

WAL_LONG = 256 * MB
"""Bytes of a write-ahead log that somebody keeps from being brought over."""

DISK_LOW = 256 * MB
"""Free bytes of a disk that are soon used up."""

PRIVATE = 0o077
"""The bits of a mode that let others on the machine in."""

FIXED = (3, 51, 3)
PATCHED = ((3, 50, 7), (3, 44, 6))
"""The releases of SQLite without the fault of the log's reset: from the first on, and of older lines."""


class Facts(NamedTuple):
    """What was found. ``damage`` is None where nobody looked; modes are those of ``stat``, None on Windows."""

    sqlite: tuple[int, ...]
    version: int
    journal: str
    synchronous: int
    busy_ms: int
    size: int
    log: int
    free: int
    disk: int
    file_mode: int | None
    folder_mode: int | None
    dead: int
    damage: Sequence[str] | None


def facts_of(database: Database, *, deep: bool) -> Facts:
    """Look at a file. Reads all of it where that is asked for."""
    path = Path(database.path)
    log = Path(f"{path}-wal")

    def one(pragma: str) -> int:
        return int(database.rows(f"PRAGMA {pragma}")[0][0])

    damage = [row[0] for row in database.rows("PRAGMA quick_check(20)")] if deep else None
    known = database.locks.known()
    with translated(database.path):
        return Facts(
            tuple(sqlite3.sqlite_version_info),
            one("user_version"),
            str(database.rows("PRAGMA journal_mode")[0][0]),
            one("synchronous"),
            one("busy_timeout"),
            path.stat().st_size,
            log.stat().st_size if log.exists() else 0,
            one("freelist_count") * one("page_size"),
            shutil.disk_usage(path.parent).free,
            path.stat().st_mode if os.name == "posix" else None,
            path.parent.stat().st_mode if os.name == "posix" else None,
            sum(database.locks.gone(worker) for worker in known),
            [] if damage == ["ok"] else damage,
        )


def findings(facts: Facts) -> list[Finding]:
    """Return what the facts mean."""
    return [
        sqlite_release(facts),
        schema_finding(facts.version, schema.VERSION),
        settings(facts),
        log_length(facts),
        size(facts),
        disk(facts),
        permissions(facts),
        lock_files(facts),
        *integrity(facts),
    ]


def sqlite_release(facts: Facts) -> Finding:
    """Whether this SQLite has the fault that a log which is begun anew while it is brought over is damaged."""
    name = ".".join(map(str, facts.sqlite))
    fixed = facts.sqlite >= FIXED or any(
        facts.sqlite[:2] == line[:2] and facts.sqlite >= line for line in PATCHED
    )
    if fixed:
        return Finding("ok", "sqlite", f"SQLite {name}")
    return Finding(
        "warning",
        "sqlite",
        f"SQLite {name} may damage a database that one program writes to while another brings its log over",
        "runfox does the latter only while nobody can write. Let other programs that write to the file, as"
        " workers that speak SQL, say PRAGMA wal_autocheckpoint = 0; or use a Python with SQLite 3.51.3",
    )


def settings(facts: Facts) -> Finding:
    """Whether a commit that was acknowledged survives a power cut, and whether readers are in nobody's way."""
    what = f"journal {facts.journal}, synchronous {facts.synchronous}, waits {facts.busy_ms / 1000:g} s"
    if facts.journal != "wal":
        return Finding(
            "problem",
            "settings",
            f"{what}: readers and writers lock each other out",
            "the file is on a filesystem that cannot share memory, as network filesystems: move it",
        )
    if facts.synchronous < 2:
        return Finding(
            "warning",
            "settings",
            f"{what}: a power cut may lose the last commits",
            "use the profile 'durable', unless that is meant",
        )
    if facts.busy_ms < BUSY_MS:
        return Finding(
            "warning", "settings", f"{what}, which is short", f"wait {BUSY_MS / 1000:g} s"
        )
    return Finding("ok", "settings", what)


def log_length(facts: Facts) -> Finding:
    """Whether the write-ahead log is brought over."""
    what = f"a log of {_mb(facts.log)}"
    if facts.log < WAL_LONG:
        return Finding("ok", "log", what)
    return Finding(
        "warning",
        "log",
        f"{what}: somebody reads in one transaction for very long, and keeps it from being used anew",
        "find the program that does, and let it end its transaction",
    )


def size(facts: Facts) -> Finding:
    """How large the file is, and how much of it is free."""
    what = f"{_mb(facts.size)}, of which {_mb(facts.free)} are free for what comes"
    return Finding("ok", "size", what)


def disk(facts: Facts) -> Finding:
    """Whether the disk has room for what comes."""
    what = f"{_mb(facts.disk)} free on the disk"
    if facts.disk >= max(DISK_LOW, facts.log):
        return Finding("ok", "disk", what)
    out = "make room: 'runfox gc --older-than 30d --vacuum' needs as much again as the file while it works"
    return Finding("problem" if facts.disk < MB else "warning", "disk", what, out)


def permissions(facts: Facts) -> Finding:
    """Whether others on the machine can read inputs and outputs."""
    if facts.file_mode is None or facts.folder_mode is None:
        return Finding("ok", "permissions", "not looked at on this system")
    mode = facts.file_mode & 0o777
    if mode & PRIVATE:
        return Finding(
            "warning",
            "permissions",
            f"the file has mode {mode:04o}: others on this machine can read inputs and outputs",
            "chmod 600, also of the files with -wal and -shm at their ends, unless that is meant",
        )
    if facts.folder_mode & 0o002 and not facts.folder_mode & 0o1000:
        return Finding(
            "warning",
            "permissions",
            "everybody on this machine may delete the file: its folder is writable for all",
            "chmod o-w on the folder",
        )
    return Finding("ok", "permissions", f"mode {mode:04o}")


def lock_files(facts: Facts) -> Finding:
    """Whether dead workers have left their files, which the next worker or sweep removes."""
    if not facts.dead:
        return Finding("ok", "lock files", "none of dead workers")
    what = f"{facts.dead} of dead workers, whose steps nobody has taken back yet"
    return Finding("warning", "lock files", what, "'runfox sweep --once', or start a worker")


def integrity(facts: Facts) -> list[Finding]:
    """Whether the file is whole, where somebody looked."""
    if facts.damage is None:
        return []
    if not facts.damage:
        return [Finding("ok", "integrity", "the file is whole")]
    out = "stop all processes, keep a copy, and restore a backup; 'sqlite3 FILE .recover' saves what it can"
    return [Finding("problem", "integrity", "; ".join(facts.damage[:5]), out)]


def _mb(size: int) -> str:
    return f"{size / MB:,.1f} MB"
