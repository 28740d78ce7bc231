"""Waits: for a moment, for a signal, for whichever comes first. They hold no worker and no thread."""

from datetime import datetime
from typing import Any

from runfox.errors import SignalRefused
from runfox.graph.draft import Draft
from runfox.graph.ending import resolve
from runfox.graph.events import SignalSent
from runfox.graph.facts import SignalIgnored, SignalReceived, SignalUsed, StepWaiting
from runfox.graph.frames import FrameDraft
from runfox.graph.scope import scope_of
from runfox.graph.timing import due_after
from runfox.graph.turns import succeeded
from runfox.spec import durations, instants
from runfox.spec.model import Wait
from runfox.values import Json, canonical


class NoMoment(ValueError):
    """What a wait was given is no duration, or no instant."""


def begin_wait(
    draft: Draft, frame: FrameDraft, position: int, wait: Wait, by: tuple[str, ...]
) -> None:
    """Begin to wait. Raises what the wait's expressions raise, and ``NoMoment``."""
    cell = frame.cells[position]
    seen = scope_of(frame, position)
    due = _due(draft.now, wait, seen)
    signals = tuple(
        (one.name, key_text(resolve(one.key, seen) if one.key else None)) for one in wait.signals
    )
    path, run_id = frame.path(position), cell.run_id + 1
    draft.emit(StepWaiting(path, run_id, cell.attempt + 1, due, signals, draft.now, by))
    for name, key in signals:
        for place, data in enumerate(draft.signals.get(f"{name}\0{key}", ())):
            if _fits(wait, name, data):
                draft.emit(SignalUsed(name, key, draft.now, place))
                succeeded(draft, frame, position, run_id, signal_output(name, data))
                return


def _fits(wait: Any, name: str, data: Json) -> bool:
    """Whether the data of a signal is what a wait for one of its name asks for."""
    asked = [one.data for one in wait.signals if one.name == name]
    return any(schema is None or not schema.problems(data) for schema in asked)


def key_text(key: Json) -> str:
    """Return a signal's key as it is compared and kept: "" for none."""
    if key is None:
        return ""
    return key if type(key) is str else canonical(key)


def _due(now: datetime, wait: Wait, seen: dict[str, Any]) -> datetime | None:
    moments = []
    for template in wait.delays:
        value = resolve(template, seen)
        try:
            moments.append(due_after(now, durations.parse(value)))
        except ValueError as error:
            raise NoMoment(f"wait.for: {error}") from None
    for template in wait.instants:
        value = resolve(template, seen)
        try:
            moments.append(instants.parse(value))
        except ValueError as error:
            raise NoMoment(f"wait.until: {error}") from None
    return min(moments, default=None)


def signal_output(name: str, data: Json) -> dict[str, Json]:
    """Return the output of a wait that a signal opened."""
    return {"signal": name, "data": data, "timed_out": False}


def time_came(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Complete a wait whose moment has come."""
    cell = frame.cells[position]
    output = {"signal": None, "data": None, "timed_out": bool(cell.more.signals)}
    succeeded(draft, frame, position, cell.run_id, output)


def receive(draft: Draft, signal: SignalSent) -> None:
    """Take a signal: it opens the wait that is open longest, is kept for one to come, or is ignored.

    Raises ``SignalRefused`` if the run is over or never waits for it, or its data fits no wait of its name. A
    signal whose id came before changes nothing.
    """
    waits = draft.plan.signals.get(signal.name, ())
    if signal.id and signal.id in draft.known:
        return
    if draft.status.ended:
        raise SignalRefused(f"the run is {draft.status.value}: it takes no signals")
    if not waits:
        known = ", ".join(sorted(draft.plan.signals)) or "none"
        raise SignalRefused(
            f"this workflow never waits for a signal {signal.name!r}; it waits for: {known}"
        )
    _check_data(draft, signal)
    key = key_text(signal.key)
    entries = draft.awaited.get(f"signal\0{signal.name}\0{key}", ())
    told = (signal.name, key, signal.data, signal.id)
    opened = [found for one in sorted(entries) if (found := draft.at(one[1])) is not None]
    fitting = [at for at in opened if _fits(at[0].step(at[1]).body, signal.name, signal.data)]
    if fitting:
        frame, position = fitting[0]
        draft.emit(SignalReceived(*told, frame.path(position), draft.now))
        run_id = frame.cells[position].run_id
        succeeded(draft, frame, position, run_id, signal_output(signal.name, signal.data))
    elif any(wait.buffer for wait in waits) and draft.ending is None:
        draft.emit(SignalReceived(*told, "", draft.now))
    else:
        reason = "no step waits for it now"
        draft.emit(SignalIgnored(signal.name, key, signal.id, reason, draft.now))


def _check_data(draft: Draft, signal: SignalSent) -> None:
    """Refuse data that fits none of the waits for a signal of this name."""
    told: list[str] = []
    for wait in draft.plan.signals[signal.name]:
        problems = wait.data.problems(signal.data) if wait.data is not None else []
        if not problems:
            return
        told += problems
    raise SignalRefused(f"the data of signal {signal.name!r} does not fit: {'; '.join(told[:5])}")
