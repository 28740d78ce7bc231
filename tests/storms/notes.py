"""What processes of a storm write down: line by line, in a file that only grows, whoever is killed meanwhile."""

import os
from collections import defaultdict
from time import monotonic_ns
from typing import NamedTuple

SECOND = 1_000_000_000
"""Moments here are nanoseconds of the machine's monotonic clock, which all its processes share."""


class Start(NamedTuple):
    """An executor began with a run. ``owner`` is the process that had the job, ``pid`` that which executed it."""

    execution: str
    step: str
    run_id: int
    delivery: int
    key: str
    pid: int
    owner: int
    at: int

    @property
    def run(self):
        return self.execution, self.step, self.run_id


def note(path, *words):
    """Append a line, in one piece."""
    handle = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(handle, f"{' '.join(map(str, words))}\n".encode())
    finally:
        os.close(handle)


def lines(path):
    """Return the words of each line; one that is not complete was never acknowledged."""
    if not path.exists():
        return []
    told = path.read_text()
    return [line.split() for line in told[: told.rfind("\n") + 1].splitlines()]


def effect(path, what, owner, context):
    """Note what became of a run: ``start``, ``end`` or ``fail``."""
    execution = context.workflow_execution_id.rpartition("#")[2]
    run = (execution, context.step_id, context.run_id, context.delivery, context.idempotency_key)
    note(path, what, *run, os.getpid(), owner, monotonic_ns())


class Effects(NamedTuple):
    """All that executors did, and what was done to processes."""

    starts: list[Start]
    executed: set[tuple[str, str, int]]
    """The runs of which an executor came to its end."""
    beats: dict[int, list[tuple[int, int]]]
    """By process, between which two moments it renewed its lease."""
    kills: dict[int, int]
    troubles: list[tuple[int, int]]
    """Between which two moments the database could not be reached, by some or by all."""


def effects(path):
    """Read what was noted."""
    found = Effects([], set(), defaultdict(list), {}, [])
    for what, *words in lines(path):
        match what:
            case "start":
                execution, step, run_id, delivery, key, *numbers = words
                one = Start(execution, step, int(run_id), int(delivery), key, *map(int, numbers))
                found.starts.append(one)
            case "end":
                found.executed.add((words[0], words[1], int(words[2])))
            case "beat":
                owner, began, ended = map(int, words)
                found.beats[owner].append((began, ended))
            case "kill":
                found.kills[int(words[0])] = int(words[1])
            case "trouble":
                found.troubles.append((int(words[0]), int(words[1])))
    return found
