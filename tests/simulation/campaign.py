"""Many seeds, one after the other, or on several processors, and what came of them."""

import gc
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from math import inf
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tests.simulation.clockwork import Spinning
from tests.simulation.scene import scene_of
from tests.simulation.verdict import judge

MODES = ("T", "S")
FAILED = Path(__file__).with_name("failed_seeds.txt")
"""Seeds that ever failed, a mode and a seed a line: they are run always."""


class Tally(NamedTuple):
    """What so many seeds have seen. ``wrong`` are the seeds that failed, and why."""

    seeds: int
    operations: int
    commits: int
    executions: int
    faults: Counter
    wrong: dict[int, str]

    def __add__(self, other):
        return Tally(
            self.seeds + other.seeds,
            self.operations + other.operations,
            self.commits + other.commits,
            self.executions + other.executions,
            self.faults + other.faults,
            {**self.wrong, **other.wrong},
        )

    def __str__(self):
        faults = ", ".join(f"{count:,} {fault}" for fault, count in self.faults.most_common())
        return (
            f"{self.seeds:,} seeds, {self.operations:,} operations, {self.commits:,} commits,"
            f" {self.executions:,} executions, {sum(self.faults.values()):,} faults"
            f" ({faults or 'none'}), {len(self.wrong)} wrong"
        )


NOTHING = Tally(0, 0, 0, 0, Counter(), {})


@contextmanager
def quiet():
    """What the engine has to say of faults is for people who have only one."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def again(mode, seed):
    """Return the command that shows a seed."""
    return f"python -m tests.simulation --mode {mode} --seed {seed} -v"


def attempt(scene):
    """Let a simulation happen, and return what it saw, and what went wrong, if anything did."""
    wrong = None
    try:
        scene.run()
        judge(scene)
    except (Exception, Spinning) as error:
        told = f"{type(error).__name__}: {error}"[:2000]
        wrong = f"{scene.flow.name} ({scene.profile.name}): {told}"
    checks = scene.checks
    commits, executions = sum(checks.commits.values()), sum(checks.starts.values())
    return Tally(1, scene.operations, commits, executions, scene.faults, {}), wrong


def run_seeds(mode, seeds, until=inf):
    """Run seeds of a mode, but begin with none when it is so late."""
    found = NOTHING
    with quiet(), rare_collections():
        for seed in seeds:
            if monotonic() >= until:
                break
            tally, wrong = attempt(scene_of(mode, seed))
            found += tally if wrong is None else tally._replace(wrong={seed: wrong})
    return found


@contextmanager
def rare_collections():
    """What a simulation leaves behind is collected seldom: to look for it costs more than the rest."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def run_many(mode, seeds, jobs, chunk=200) -> Iterator[Tally]:
    """Run seeds on several processors, and yield what has been seen so far, now and then."""
    chunks = [seeds[begin : begin + chunk] for begin in range(0, len(seeds), chunk)]
    found = NOTHING
    with get_context("fork").Pool(jobs) as pool:
        for one in pool.imap_unordered(partial(run_seeds, mode), chunks):
            found += one
            yield found


def failed_seeds():
    """Return the seeds that ever failed, as (mode, seed)."""
    lines = FAILED.read_text("ascii").splitlines()
    words = (line.split("#")[0].split() for line in lines)
    return [(mode, int(seed)) for mode, seed in filter(None, words)]
