"""Many runs for some workers and two drivers on one database: python -m tests.storms.crowd --runs 10000"""

import argparse
import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from time import monotonic, sleep
from typing import NamedTuple

from runfox import Workflow
from runfox.backend.protocols import Query
from runfox.status import WorkflowStatus
from tests.storms.callers import Diary
from tests.storms.flows import FLOWS, inputs
from tests.storms.processes import open_backend
from tests.storms.scenes import a_scene
from tests.storms.storm import Plan, begun
from tests.storms.verdict import Verdict, judge, left_over

DRIVERS = 2

LEASE = timedelta(seconds=60)
"""Nobody dies here, so nothing has to be taken over, however busy the machine is."""

TOO_LONG = 3_600

BARE = 300
"""How many bare commits are made to compare with."""


class Figures(NamedTuple):
    """``bare`` is how long one prepared statement and its commit take on the same database, in seconds."""

    backend: str
    workers: int
    verdict: Verdict
    left: list[tuple]
    seconds: float
    bare: float

    @property
    def row(self):
        runs, steps = self.verdict.runs, self.verdict.steps
        ratio = self.seconds / steps / self.bare
        cells = [
            self.backend,
            self.workers,
            runs,
            steps,
            len(self.verdict.lost),
            len(self.verdict.twice),
        ]
        cells += [self.verdict.repeated.total(), f"{runs / self.seconds:.0f}"]
        cells += [f"{steps / self.seconds:.0f}", f"{ratio:.2f}"]
        return f"| {' | '.join(map(str, cells))} |"


COLUMNS = (
    "backend",
    "workers",
    "runs",
    "steps",
    "lost",
    "recorded twice",
    "started again",
    "runs/s",
    "steps/s",
    "a step / a bare commit",
)

HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def gather(backend, folder, count, url=None, workers=4):
    """Begin so many runs, let workers and drivers bring them to their end, and judge what is there then."""
    (folder / "ready").mkdir()
    with a_scene(backend, folder, Plan(), url) as scene:
        looking = open_backend(scene.seen)
        with closing(looking.store):
            diary = Diary(folder, 0)
            for number in range(count):
                begin(looking, diary, number)
            seconds = work_off(scene, folder, looking, ["crowd"] * workers + ["driver"] * DRIVERS)
            verdict = judge(looking, folder)
        left, least = left_over(scene.seen), bare(scene.seen, folder)
    return Figures(backend, workers, verdict, left, seconds, least)


def begin(backend, diary, number):
    own = f"chain-0-{number}"
    Workflow.from_dict(
        {"name": "chain", **FLOWS["chain"]},
        backend,
        inputs=inputs(number),
        execution_id=own,
        delay=timedelta(0),  # so a driver begins it
    )
    diary.note("made", own)


def work_off(scene, folder, looking, roles):
    """Return how many seconds the crew needs until all has ended."""
    began, crew = monotonic(), []
    try:
        for number, role in enumerate(roles):
            crew.append(begun(role, scene.store, scene.runner, str(folder), number, LEASE))
        while any_open(looking):
            assert all(process.is_alive() for process in crew), told(folder)
            assert monotonic() < began + TOO_LONG, f"not over after {TOO_LONG} s: {told(folder)}"
            sleep(0.2)
        seconds = monotonic() - began
        for process in crew:
            process.terminate()
            process.join(TOO_LONG)
        assert [process.exitcode for process in crew] == [0] * len(crew), told(folder)
    finally:
        for process in crew:
            process.kill()
            process.join()
    return seconds


def any_open(backend):
    statuses = (WorkflowStatus.PENDING, WorkflowStatus.IN_PROGRESS)
    return any(backend.executions(Query(status=status, limit=1)) for status in statuses)


def told(folder):
    return "\n".join(path.read_text()[-3000:] for path in folder.glob("said-*"))


def bare(url, folder):
    """Return how many seconds one prepared statement with its commit takes: the least that a step could cost."""
    if url.startswith("postgresql:"):
        return _bare_postgres(url)
    with closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE bare (n INTEGER PRIMARY KEY, text TEXT)")
        began = monotonic()
        for number in range(BARE):
            connection.execute("INSERT INTO bare VALUES (?, ?)", (number, "x" * 200))
        return (monotonic() - began) / BARE


def _bare_postgres(url):
    import psycopg

    from runfox.backend.postgres.address import address_of

    with closing(psycopg.connect(address_of(url).conninfo, autocommit=True)) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS bare (n INTEGER PRIMARY KEY, text TEXT)")
        connection.execute("INSERT INTO bare VALUES (1, '') ON CONFLICT DO NOTHING")
        began = monotonic()
        for _ in range(BARE):
            connection.execute("UPDATE bare SET text = %s WHERE n = 1", ["x" * 200], prepare=True)
        seconds = (monotonic() - began) / BARE
        connection.execute("DROP TABLE bare")
    return seconds


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.storms.crowd", description=__doc__)
    parser.add_argument("--backend", choices=("sqlite", "postgres"), default="postgres")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=4)
    asked = parser.parse_args()
    folder = Path(mkdtemp(prefix="runfox-crowd-"))
    figures = gather(asked.backend, folder, asked.runs, workers=asked.workers)
    print(f"{HEAD}\n{figures.row}")
    verdict = figures.verdict
    wrong = [*verdict.violations, *verdict.lost, *verdict.twice, *figures.left]
    for word in wrong:
        print(word)
    if not wrong:
        rmtree(folder)
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
