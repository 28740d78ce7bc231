"""Engines with one guard taken out each. The simulation must notice every one of them, or it guards nothing.

A mutant is a name, and what is put in place of what: a function of the original.
"""

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple
from unittest.mock import patch

from runfox.backend import (
    base,
    deciding,
    drafting,
    holding,
    mail,
    outbox,
    queue,
    routes,
    sweeping,
    verbs,
)
from runfox.backend.memory import alarms, announcements, ledger, slots, store
from runfox.backend.memory import inbox as inbox_of
from runfox.backend.protocols import Taker
from runfox.errors import RevisionConflict
from runfox.graph import bodies, ending, outcomes, places, record
from runfox.worker import driving, worker
from tests.simulation.campaign import attempt, quiet
from tests.simulation.faults import BY_NAME
from tests.simulation.flows import FLOWS
from tests.simulation.scene import Cast, scene_of
from tests.simulation.stores import WatchedLedger
from tests.simulation.verdict import undisturbed

Make = Callable[[Any], Any]


class Mutant(NamedTuple):
    """``modes`` are those that it can be noticed in.

    ``flow``, ``profile`` and ``cast`` are where it is most likely noticed; else they are drawn, as ever.
    """

    changes: tuple[tuple[Any, str, Make], ...]
    modes: tuple[str, ...] = ("T", "S")
    flow: str | None = None
    profile: str | None = None
    cast: Cast | None = None

    def scene(self, mode, seed):
        """Return the simulation in which a seed looks for it."""
        return scene_of(
            mode,
            seed,
            flow=None if self.flow is None else FLOWS[self.flow],
            profile=None if self.profile is None else BY_NAME[self.profile],
            cast=self.cast,
        )


def nothing(result=None):
    """Make something that does nothing."""
    return lambda original: lambda *args, **kwargs: result


def one(owner, name, make, *modes, **where):
    return Mutant(((owner, name, make),), modes or ("T", "S"), **where)


# The commit -----------------------------------------------------------------------------------------


def _blind_commit(original):
    def commit(self, wanted):
        kept = self._executions[wanted.execution_id]
        if kept.commit.revision >= wanted.revision and kept.commit.token != wanted.token:
            kept.commit = kept.commit._replace(revision=wanted.revision - 1)
        return original(self, wanted)

    return commit


def _forgetful_commit(original):
    def commit(self, wanted):
        kept = self._executions.get(wanted.execution_id)
        if kept is not None and kept.commit.token == wanted.token:
            raise RevisionConflict(wanted.execution_id, wanted.revision - 1)
        return original(self, wanted)

    return commit


def _replaced(**changes):
    """Make a commit that lacks something."""

    def make(original):
        def commit_of(self, *args):
            return original(self, *args)._replace(**changes)

        return commit_of

    return make


def _overwriting(original):
    def create(self, commit, definition):
        self._executions.pop(commit.execution_id, None)
        return original(self, commit, definition)

    return create


# What is accepted -----------------------------------------------------------------------------------


def _any_run(original):
    def accept(draft, frame, position, result):
        cell = frame.cells[position]
        return original(draft, frame, position, result._replace(run_id=max(0, cell.run_id)))

    return accept


def _earlier_turns(original):
    def refusal(draft, frame, position, cell, run_id, result):
        return original(draft, frame, position, cell._replace(first_run=0), run_id, result)

    return refusal


def _after_the_end(original):
    def refusal(draft, frame, position, cell, run_id, result):
        if draft.status.ended and cell.status.value == "cancelled":
            return None
        return original(draft, frame, position, cell, run_id, result)

    return refusal


# The queue ------------------------------------------------------------------------------------------


def _given_to_two(original):
    def deliver(self, queued, ask):
        found = original(self, queued, ask)
        if found and found[0].delivery == 1:
            self._line.add(queued._replace(job=found[0]))
        return found

    return deliver


def _whatever_is_hinted(original):
    """A hint is believed: the job is executed, whoever has it."""

    def take(self, ask):
        found = original(self, ask)
        had = {(job.workflow_execution_id, job.step_id, job.run_id) for job in found}
        return found + [
            held.job for run in ask.runs if run not in had and (held := self._held.get(run))
        ]

    return take


def _no_renewal(original):
    def beat(self, taker):
        before = dict(self._leases)
        found = original(self, taker)
        if taker.worker in before:
            self._leases[taker.worker] = before[taker.worker]
        return found

    return beat


def _robs_the_living(original):
    def reclaim(self, *, but=None):
        now = self._now()
        for name, until in list(self._leases.items()):
            if until is not None and name != but:
                self._leases[name] = min(until, now + timedelta(seconds=1))
        return original(self, but=but)

    return reclaim


def _not_counted(original):
    def deliver(self, queued, ask):
        found = original(self, queued, ask)
        for job in found:
            key = queued.key
            self._held[key] = self._held[key]._replace(job=job._replace(delivery=1))
        return [job._replace(delivery=1) for job in found]

    return deliver


def _counted_when_released(original):
    def release(self, taker, jobs):
        keys = {(job.workflow_execution_id, job.step_id, job.run_id) for job in jobs}
        for key, held in self._held.items():
            if key in keys and held.worker == taker.worker:
                job = held.job._replace(delivery=held.job.delivery + 1)
                self._held[key] = held._replace(job=job)
        return original(self, taker, jobs)

    return release


def _trusting(original):
    def asked(self, ask):
        if ask.execution_id is not None:
            return ask
        runs = {hint.run for hint in self._runner.receive(ask.limit, ask.queues)}
        return ask._replace(runs=tuple(runs)) if runs else None

    return asked


def _always_unheard(original):
    def due(self, now):
        return iter(list(self._told))

    return due


def _only_twice(original):
    def again(self, key, now, hold):
        self._told.pop(key, None)
        self._told[key] = announcements._Told(now, now + timedelta(days=1))

    return again


# The inbox ------------------------------------------------------------------------------------------


def _gone_when_read(original):
    def read(self, execution_id, limit):
        found = original(self, execution_id, limit)
        self._waiting.pop(execution_id, None)
        return found

    return read


def _gone_before_the_commit(original):
    def read(self, execution_id, *, look):
        found = original(self, execution_id, look=look)
        if found and self._kept is not None:
            self._kept.forget(execution_id, max(letter.place for letter in found))
        return found

    return read


def _reported_twice(original):
    def report(ended):
        found = original(ended)
        return found + [message._replace(key=f"{message.key}-again") for message in found]

    return report


def _nobody_cancelled(original):
    def outgoing(before, transition, token):
        elsewhere = transition.elsewhere._replace(cancels=())
        return original(before, transition._replace(elsewhere=elsewhere), token)

    return outgoing


# Limits, timers, signals, verbs ---------------------------------------------------------------------


def _freed_early(original):
    def change(self, commit, paused):
        found = original(self, commit, paused)
        for key in list(self._held):
            del self._held[key]
        return found

    return change


def _hurried(original):
    """Decide as if it were a little later than it is."""

    def step(record, told, *, now, **options):
        return original.step(record, told, now=now + timedelta(seconds=3), **options)

    return SimpleNamespace(**{**vars(original), "step": step})


def _nameless(original):
    def signal(self, key, name, data=None, *, to=None, id=""):
        return original(self, key, name, data, to=to, id="")

    return signal


def _late(original):
    return property(
        lambda self: None if (due := original.fget(self)) is None else due + timedelta(hours=1)
    )


def _in_order(original):
    return lambda undos: list(original(undos))[::-1]


LONELY = Cast((1,), 0, strangers=2)

MUTANTS = {
    "commits are not compared": one(store.InMemoryStore, "commit", _blind_commit),
    "a repeated commit is not recognised": one(store.InMemoryStore, "commit", _forgetful_commit),
    "jobs are not part of the commit": one(drafting.Drafter, "_commit", _replaced(jobs=())),
    "closed runs are not forgotten": one(drafting.Drafter, "_commit", _replaced(closed=())),
    "used messages are not consumed": one(
        drafting.Drafter, "_commit", _replaced(consumed=None), flow="limit", profile="calm"
    ),
    "fences are not sent": one(
        drafting.Drafter, "_commit", _replaced(fences=()), flow="retry", profile="stands still"
    ),
    "fences are not checked": one(
        store.InMemoryStore, "_check_fences", nothing(), flow="retry", profile="stands still"
    ),
    "children are not created": one(drafting.Drafter, "_commit", _replaced(starts=())),
    "messages are not sent": one(drafting.Drafter, "_commit", _replaced(messages=())),
    "slots are not freed": one(
        drafting.Drafter, "_commit", _replaced(freed=()), flow="limit", profile="calm"
    ),
    "slots are not claimed": one(
        drafting.Drafter, "_commit", _replaced(claims=()), flow="limit", profile="calm"
    ),
    "nobody waits for slots": one(
        drafting.Drafter, "_commit", _replaced(waits=()), flow="limit", profile="calm"
    ),
    "creating overwrites": one(store.InMemoryStore, "create", _overwriting),
    "a verb whose answer was lost is decided again": one(
        deciding.Decider, "_has", nothing(False), flow="cancel", profile="answers are lost"
    ),
    "results are not keyed by run": one(
        outcomes, "_accept", _any_run, flow="retry", profile="stands still"
    ),
    "results of an earlier turn count": one(
        outcomes, "_refusal", _earlier_turns, flow="rerun", profile="stands still"
    ),
    "results count after the end": one(
        outcomes, "_refusal", _after_the_end, flow="cancel", profile="stands still"
    ),
    "a success counts twice": one(outcomes, "_refusal", nothing(), flow="call", profile="heavy"),
    "a job is given to two": one(ledger.MemoryLedger, "_deliver", _given_to_two),
    "hints are trusted": one(WatchedLedger, "take", _whatever_is_hinted, "S"),
    "leases are never reclaimed": one(ledger.MemoryLedger, "_reclaim", nothing(())),
    "a beat renews nothing": one(
        ledger.MemoryLedger, "beat", _no_renewal, flow="cancel", profile="calm"
    ),
    "those who beat are robbed": one(
        ledger.MemoryLedger, "_reclaim", _robs_the_living, flow="cancel", profile="calm"
    ),
    "deliveries are not counted": one(
        ledger.MemoryLedger, "_deliver", _not_counted, flow="poison", profile="calm"
    ),
    "a release counts as a delivery": one(
        ledger.MemoryLedger,
        "release",
        _counted_when_released,
        flow="chain",
        profile="answers are lost",
        cast=Cast((1,), 0, max_deliveries=1),
    ),
    "answered jobs are given out again": one(
        inbox_of.MemoryInbox, "answered", nothing(False), flow="chain", profile="harsh", cast=LONELY
    ),
    "what is past its time does not expire": one(
        ledger.MemoryLedger, "_expire", nothing(0), flow="hang", profile="calm"
    ),
    "signs of life are not passed on": one(
        ledger.MemoryLedger, "alive", nothing(), flow="heartbeat", profile="calm"
    ),
    "nothing is announced again": one(routes.Announced, "announce", nothing(0), "S"),
    "all is announced always": one(
        announcements.Announcements, "due", _always_unheard, "S", flow="fan", profile="calm"
    ),
    "nothing is announced a third time": one(
        announcements.Announcements, "again", _only_twice, "S"
    ),
    "a queue that is down is an error": one(routes.Announced, "asked", _trusting, "S"),
    "reading deletes": one(
        inbox_of.MemoryInbox, "read", _gone_when_read, flow="call", profile="crashes"
    ),
    "messages are consumed before the commit": one(
        mail.Mail, "read", _gone_before_the_commit, flow="call", profile="crashes"
    ),
    "nobody sweeps": Mutant(
        (
            (sweeping.Sweeper, "sweep_at_times", nothing(sweeping.Swept())),
            (driving.Driver, "_move_due", nothing(False)),
            (worker.Worker, "_move_due", nothing(False)),
        )
    ),
    "nobody looks after jobs": one(sweeping, "tidy", nothing(sweeping.Swept()), "S"),
    "the end of a child is not reported": one(
        outbox, "_report", nothing([]), flow="call", profile="calm"
    ),
    "the end of a child is reported twice": one(
        outbox, "_report", _reported_twice, flow="call", profile="calm"
    ),
    "children are not cancelled": one(
        drafting, "outgoing", _nobody_cancelled, flow="cancel", profile="calm"
    ),
    "whoever waits for a slot is not told": one(
        slots.MemorySlots, "_next", nothing([]), flow="limit", profile="calm"
    ),
    "a slot can be had by any number": one(
        slots.MemorySlots, "check", nothing(), flow="limit", profile="calm"
    ),
    "slots are freed with any commit": one(
        slots.MemorySlots, "change", _freed_early, flow="limit", profile="calm"
    ),
    "wake times are not stored": one(alarms.Alarms, "set", nothing()),
    "wake times are too late": one(record.WorkflowRecord, "wake_at", _late),
    "timers fire early": one(base, "graph", _hurried, flow="timer", profile="calm"),
    "signals of one id all count": one(
        verbs.Verbs, "signal", _nameless, flow="signals", profile="calm"
    ),
    "strange jobs are kept": Mutant(
        (
            (holding.Holding, "_return_strange", nothing()),
            (holding.Holding, "_settle", nothing()),
        )
    ),
    "what is on its way counts as lost": one(
        holding.Holding,
        "asking",
        lambda original: lambda self: ExitStack(),
        flow="retry",
        profile="stands still",
    ),
    "who takes by itself keeps its name": one(
        queue.QueueRunner,
        "hand",
        lambda original: lambda self, lease: Taker(str(self._worker), lease),
        "T",
        flow="chain",
        profile="answers are lost",
        cast=LONELY,
    ),
    "undos are in order": Mutant(
        tuple((module, "from_top", _in_order) for module in (bodies, ending, places)),
        flow="undo",
        profile="calm",
    ),
}
"""All of them are killed: ``killers.txt`` has seeds that do it."""

EQUIVALENT = {
    "a repeated commit has a new token": "It is refused then, and decided again from the newest record, or"
    " found in the history: nothing is done twice, it only costs a round. That it is recognised is a check.",
    "a child can be born again": "Its id names one run of one step, and the commit that has its birth is written"
    " once: only a run that somebody created by that very id could be there before.",
    "what is given back is not announced at once": "It is announced again all the same, when its turn comes.",
    "a worker has no doubts after a lost answer": "What it does not know to have is given back two beats later.",
}
"""Guards that may be taken out and nothing is wrong, only later."""


@contextmanager
def mutated(mutant):
    """Take one guard out of the engine."""
    with ExitStack() as stack:
        for owner, name, make in mutant.changes:
            original = owner.__dict__[name]
            stack.enter_context(patch.object(owner, name, make(original)))
        yield


def dies(name, mode, seed):
    """Return why a seed kills a mutant, or None."""
    mutant = MUTANTS[name]
    undisturbed(mutant.scene(mode, seed).flow)  # while the engine is whole
    with mutated(mutant), quiet():
        return attempt(mutant.scene(mode, seed))[1]


def find_killers(name, mode, most, enough=3):
    """Return the first seeds that kill a mutant, and what the first of them finds."""
    killers, why = [], ""
    for seed in range(most):
        told = dies(name, mode, seed)
        if told is not None:
            why = why or told[:110]
            killers.append(seed)
            if len(killers) == enough:
                break
    return killers, why
