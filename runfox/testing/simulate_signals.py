"""The signals that a simulated run gets, and when."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from runfox.errors import RequestError, did_you_mean
from runfox.graph import SignalSent, WorkflowRecord
from runfox.graph.places import walk
from runfox.graph.waits import key_text
from runfox.spec import durations
from runfox.status import StepStatus
from runfox.values import Json, checked

MAX_DATA = 1_000_000
KEYS = ("signal", "data", "key", "id", "at", "after")

Signals: TypeAlias = Mapping[str, Json] | Sequence[Mapping[str, Json]]
"""``{name: data}``, or a list of mappings with ``signal`` and perhaps ``data``, ``key`` and ``id``, and ``at``, a
duration from the start, or ``after``, the path of a step that has ended then. Without those two a signal comes
when a step waits for it."""


class Planned(NamedTuple):
    """One signal. ``at`` and ``after`` None: it comes when a step waits for it."""

    name: str
    data: Json = None
    key: Json = None
    id: str = ""
    at: timedelta | None = None
    after: str | None = None

    @property
    def event(self) -> SignalSent:
        """The signal itself."""
        return SignalSent(self.name, checked(self.data, limit=MAX_DATA), self.key, self.id)


class OpenWait(NamedTuple):
    """A step that waits for a signal."""

    step: str
    signal: str
    key: str


def planned(signals: Signals) -> list[Planned]:
    """Return signals as they are planned. Raises ``RequestError``."""
    if isinstance(signals, Mapping):
        return [Planned(name, data) for name, data in signals.items()]
    return [_one(entry) for entry in signals]


def _one(entry: Mapping[str, Json]) -> Planned:
    for key in entry:
        if key not in KEYS:
            raise RequestError(f"a signal has no {key!r}. {did_you_mean(key, KEYS)}")
    if not isinstance(entry.get("signal"), str):
        raise RequestError(f"a signal needs its name as 'signal': {dict(entry)!r:.80}")
    at = entry.get("at")
    if at is not None and "after" in entry:
        raise RequestError(f"signal {entry['signal']!r} comes either 'at' or 'after', not both")
    if at is not None and not isinstance(at, timedelta):
        try:
            at = durations.parse(at)
        except ValueError as error:
            raise RequestError(f"signal {entry['signal']!r}: {error}") from None
    return Planned(
        entry["signal"],
        entry.get("data"),
        entry.get("key"),
        str(entry.get("id", "")),
        at,
        entry.get("after"),
    )


class Post:
    """The signals that are still to be sent."""

    def __init__(self, signals: Signals, start: datetime) -> None:
        self.left = planned(signals)
        self._start = start

    def moments(self) -> Iterator[datetime]:
        """Yield when signals come that have a moment of their own."""
        for one in self.left:
            if one.at is not None:
                yield self._start + one.at

    def next(
        self, records: Mapping[str, WorkflowRecord], prefixes: Mapping[str, str], now: datetime
    ) -> tuple[str, Planned] | None:
        """Take the first signal whose time has come, with the execution that it is for."""
        for place, one in enumerate(self.left):
            execution_id = self._receiver(one, records, prefixes, now)
            if execution_id is not None:
                del self.left[place]
                return execution_id, one
        return None

    def _receiver(
        self,
        one: Planned,
        records: Mapping[str, WorkflowRecord],
        prefixes: Mapping[str, str],
        now: datetime,
    ) -> str | None:
        open_ones = {name: record for name, record in records.items() if not record.status.ended}
        key = key_text(one.key)
        waiting = [
            name
            for name, record in open_ones.items()
            if any((wait.signal, wait.key) == (one.name, key) for wait in waits_of(record))
        ]
        if one.at is None and one.after is None:
            return waiting[0] if waiting else None
        if one.at is not None and self._start + one.at > now:
            return None
        if one.after is not None and not _has_ended(one.after, records, prefixes):
            return None
        knowing = [name for name, record in open_ones.items() if one.name in record.plan.signals]
        return next(iter((*waiting, *knowing, *open_ones)), None)


def waits_of(record: WorkflowRecord) -> Iterator[OpenWait]:
    """Yield the signals that steps of an execution wait for."""
    if not record.plan.signals or record.status.ended:
        return
    for path, _, cell in walk(record):
        if cell.status is StepStatus.WAITING:
            for signal, key in cell.more.signals:
                yield OpenWait(path, signal, key)


def _has_ended(
    step: str, records: Mapping[str, WorkflowRecord], prefixes: Mapping[str, str]
) -> bool:
    for execution_id, record in records.items():
        prefix = prefixes[execution_id]
        if step.startswith(prefix):
            try:
                if record.steps[step.removeprefix(prefix)].status.ended:
                    return True
            except KeyError:
                continue
    return False
