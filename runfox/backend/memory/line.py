"""The jobs that wait in memory, in the order in which they are taken."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import NamedTuple

from runfox.results import DispatchJob

Key = tuple[str, str, int]
"""A run of a step: execution id in the long form, step, run_id."""


class Queued(NamedTuple):
    """A job in the line, and since when; the lowest ``number`` is the next."""

    number: int
    key: Key
    job: DispatchJob
    since: datetime


class Line:
    """Queued jobs by key. Those of one priority come with growing numbers, so that nothing has to be sorted."""

    def __init__(self) -> None:
        self._levels: dict[int, OrderedDict[Key, Queued]] = {}
        self._jobs: dict[Key, DispatchJob] = {}

    def __contains__(self, key: Key) -> bool:
        return key in self._jobs

    def __iter__(self) -> Iterator[Queued]:
        levels = [level.values() for level in self._levels.values() if level]
        return iter(levels[0]) if len(levels) == 1 else merge(*levels)

    def of(self, keys: Iterable[Key]) -> Iterator[Queued]:
        """Return those of these jobs that wait, in their order."""
        found = [
            self._levels[job.terms.priority][key]
            for key in dict.fromkeys(keys)
            if (job := self._jobs.get(key))
        ]
        return iter(sorted(found, key=lambda queued: queued.number))

    def get(self, key: Key) -> DispatchJob | None:
        return self._jobs.get(key)

    def keys(self) -> Iterator[Key]:
        return iter(self._jobs)

    def add(self, queued: Queued) -> None:
        """Put a job at the end of those of its priority."""
        self._jobs[queued.key] = queued.job
        priority = queued.job.terms.priority
        self._levels.setdefault(priority, OrderedDict())[queued.key] = queued

    def pop(self, key: Key) -> Queued | None:
        """Take a job out, wherever it stands."""
        job = self._jobs.pop(key, None)
        return None if job is None else self._levels[job.terms.priority].pop(key)

    def put_back(self, jobs: Sequence[Queued]) -> None:
        """Put jobs where they were before they were taken out."""
        levels = set()
        for queued in jobs:
            self.add(queued)
            levels.add(queued.job.terms.priority)
        for level in levels:
            in_order = sorted(self._levels[level].items(), key=lambda item: item[1].number)
            self._levels[level] = OrderedDict(in_order)
