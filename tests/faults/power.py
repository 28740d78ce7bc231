"""Cut the power at many moments, and look at what is there then: python -m tests.faults.power --cuts 2000"""

import argparse
import os
import sqlite3
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from runfox.errors import RunfoxError
from runfox.values import parse
from tests.faults import shim
from tests.faults.life import Moved, open_backend
from tests.faults.playback import cuts
from tests.faults.verdict import check_records, finish, missing

PROFILES = ("durable", "fast")
MODES = ("lost", "subset")


class Tally(NamedTuple):
    """What was found after the cuts of one profile and mode."""

    cuts: int = 0
    checked: int = 0
    """Acknowledged operations that were looked for."""
    with_loss: int = 0
    lost: int = 0
    most_lost: int = 0
    finished: int = 0
    """Runs that were brought to their end afterwards."""
    violations: tuple[str, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        most = max(self.most_lost, other.most_lost)
        both = Tally._make(mine + theirs for mine, theirs in zip(self, other, strict=True))
        return both._replace(most_lost=most)


def record(folder: Path, profile: str) -> list[shim.Event]:
    """Let a process live on the shim's disk, and return what it did to it."""
    library = shim.build(folder)
    database, log = folder / "life.db", folder / f"{profile}.log"
    log.touch()
    shim.run("life", database, profile, log, env=shim.environment(library, database, SHIM_LOG=log))
    return list(shim.events(log))


def cut(told: list[shim.Event], profile: str, mode: str, count: int, seed: int) -> Tally:
    """Cut the power at random moments of a life, at none of them twice, and judge what is there."""
    random = Random(f"{profile} {mode} {seed}")
    places = random.sample(range(1, len(told) + 1), min(count, len(told)))
    tally = Tally()
    for place, disk, acknowledged in cuts(told, places):
        with TemporaryDirectory(dir=memory()) as name:
            disk.cut(Path(name), random, subset=mode == "subset")
            try:
                found = judge(Path(name), profile, [parse(one) for one in acknowledged], random)
            except (AssertionError, RunfoxError, sqlite3.Error) as error:
                told_by = f"{profile} {mode} seed {seed} cut {place}: {error!r}"
                found = Tally(1, len(acknowledged), violations=(told_by,))
        tally = tally.plus(found)
    return tally


def judge(folder: Path, profile: str, acknowledged: list, random: Random) -> Tally:
    """Open what is there, as the engine does after the power is back, and go on with it."""
    path = folder / "life.db"
    # What a crash leaves of the shared memory is nothing to rely on.
    if random.random() < 0.5:
        (folder / "life.db-shm").write_bytes(random.randbytes(32_768))
    # Leases of those who died with the machine are over by this clock.
    clock = Moved(timedelta(days=1))
    backend = open_backend(path, profile, clock=clock)
    with closing(backend.store):
        lost = missing(path, acknowledged)
        assert profile == "fast" or not lost, f"lost: {lost}"
        # What is lost is the last of it: nothing is there that was acknowledged after something that is not.
        assert lost == list(enumerate(acknowledged))[len(acknowledged) - len(lost) :], (
            f"a hole: {lost}"
        )
        there = [summary.execution_id for summary in backend.executions()]
        check_records(backend, {*there[:3], *random.sample(there, min(2, len(there)))})
        finished = finish(backend, clock)
        return Tally(1, len(acknowledged), bool(lost), len(lost), len(lost), finished)


def memory() -> str | None:
    """Return a folder in memory, if there is one: the disk under these disks should not be waited for."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


COLUMNS = (
    "profile",
    "unsynced writes",
    "cuts",
    "acknowledged checked",
    "cuts with loss",
    "lost (most)",
    "runs finished",
    "violations",
)


def table(tallies: dict[tuple[str, str], Tally]) -> str:
    lines = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for (profile, mode), one in tallies.items():
        how = "dropped" if mode == "lost" else "any part kept"
        lost = f"{one.lost:,} ({one.most_lost})"
        cells = [profile, how, f"{one.cuts:,}", f"{one.checked:,}", one.with_loss, lost]
        cells += [f"{one.finished:,}", len(one.violations)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def storm(count: int, seed: int, processes: int) -> dict[tuple[str, str], Tally]:
    """Cut the power so often in each profile and mode, over as many lives as that takes."""
    tallies = {(profile, mode): Tally() for profile in PROFILES for mode in MODES}
    with TemporaryDirectory() as name, ProcessPoolExecutor(processes) as pool:
        for profile in PROFILES:
            folder = Path(name) / profile
            folder.mkdir()
            told = record(folder, profile)
            # A life has some two thousand moments: no part has one twice, and two parts that have it keep
            # other sectors.
            share = min(500, count)
            starts = range(0, count, share)
            parts = [(mode, min(share, count - at), seed + at) for mode in MODES for at in starts]
            for mode, found in pool.map(_part, [(told, profile, *part) for part in parts]):
                tallies[profile, mode] = tallies[profile, mode].plus(found)
    return tallies


def _part(part: tuple[list[shim.Event], str, str, int, int]) -> tuple[str, Tally]:
    return part[2], cut(*part)


def _main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cuts", type=int, default=2_000, help="in each profile and mode")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    tallies = storm(chosen.cuts, chosen.seed, chosen.processes)
    print(table(tallies))
    violations = [one for tally in tallies.values() for one in tally.violations]
    print(*violations, sep="\n")
    sys.exit(bool(violations))


if __name__ == "__main__":
    _main()
