"""A storm: many processes at one database, of which some are killed, stopped, or cut off, at random moments."""

import os
import signal
from pathlib import Path
from random import Random
from time import monotonic, monotonic_ns, sleep
from typing import NamedTuple

from tests.storms.notes import SECOND, note
from tests.storms.parent import FORKS
from tests.storms.processes import LEASE, main
from tests.storms.verdict import left_over

ROOT = str(Path(__file__).parents[2])

CREW = (
    "driver",
    "driver",
    "worker",
    "threads",
    "children",
    "hand",
    "host",
    "sweeper",
    "caller",
    "caller",
)
"""The processes of a storm, by their roles. One that is killed is replaced."""

TOO_LONG = 400
"""Seconds that runs may need to end once it is calm, on a machine that has other things to do."""

AFTERMATH = 5 * SECOND
"""For how long processes notice that the database was away."""


class Plan(NamedTuple):
    """How often what happens. Half of the cuts come between a request and its answer."""

    kills: int = 0
    stops: int = 0
    restarts: int = 0
    cuts: int = 0

    def shuffled(self, random):
        words = ("kill", "stop", "restart", "cut")
        todo = [word for word, count in zip(words, self, strict=True) for _ in range(count)]
        random.shuffle(todo)
        return todo


class Member:
    """A place in the crew, and the process that has it."""

    def __init__(self, role, number):
        self.role, self.number = role, number
        self.process = None
        self.stopped_until = None


class Storm:
    """``server`` is restarted, and connections of ``proxy`` are cut, if the plan has such."""

    def __init__(self, folder, store, runner="-", *, seed=0, server=None, proxy=None, pace=0.25):
        self.folder, self.urls = folder, (store, runner)
        self.log = folder / "log"
        self.server, self.proxy = server, proxy
        self._random = Random(seed)
        self._pace = pace
        self._crew = [Member(role, number) for number, role in enumerate(CREW)]
        self._leaving = False
        self.died = []
        """Of processes that ended by themselves, and not in good order, or that complained of an error."""
        self.also = lambda: True
        """What else has to have come about before it is over."""
        (folder / "ready").mkdir()

    def rage(self, plan):
        """Do all that is planned, then let it calm down until every run has ended and nothing is left to do."""
        try:
            for member in self._crew:
                self._start(member)
            self._await(lambda: all(map(self._ready, self._crew)), "to begin")
            for action in plan.shuffled(self._random):
                sleep(self._random.random() * 2 * self._pace)
                self._tend()
                getattr(self, f"_{action}")()
            self.calm()
        finally:
            self._end()
        if not plan.restarts and not plan.cuts:
            # With a database that answers, nobody has anything to complain about.
            self.died += filter(_complains, map(self._told, self._crew))

    def calm(self):
        """Let callers begin nothing more, wait until all has ended, and tell everybody to stop."""
        (self.folder / "calm").touch()
        callers = self._of("caller")
        self._await(lambda: all(one.process.exitcode == 0 for one in callers), "to end")
        self._await(self.also, "to end what was there before")
        # One that has only begun would not know yet what to do when it is told to stop.
        self._await(lambda: all(map(self._ready, self._crew)), "to begin")
        self._leaving = True
        # What these hand in last has to be read by the others.
        self._dismiss(self._of("hand"))
        self._await(lambda: left_over(self.urls[0]) == [], "to leave nothing")
        self._dismiss(self._crew)

    def _of(self, role):
        return [member for member in self._crew if member.role == role]

    def _dismiss(self, members):
        for member in members:
            self._go_on(member)
            member.process.terminate()
        self._await(lambda: not any(one.process.is_alive() for one in members), "to leave")
        self.died += [self._told(one) for one in members if one.process.exitcode != 0]

    # What happens ----------------------------------------------------------------------------------

    def _kill(self):
        ready = [member for member in self._crew if self._ready(member)]
        # Some die while they begin.
        member = self._random.choice(ready if ready and self._random.random() < 0.9 else self._crew)
        # Noted before, for what it held may be with others before we have noted it.
        note(self.log, "kill", member.process.pid, monotonic_ns())
        member.process.kill()
        member.process.join()
        member.stopped_until = None
        self._start(member)

    def _stop(self):
        free = [one for one in self._crew if self._ready(one) and one.stopped_until is None]
        member = self._random.choice(free or self._crew)
        self._go_on(member)
        os.kill(member.process.pid, signal.SIGSTOP)
        beyond = LEASE.total_seconds() * (1.2 + self._random.random())
        member.stopped_until = monotonic() + beyond

    def _restart(self):
        began = monotonic_ns()
        self.server.restart("immediate")
        note(self.log, "trouble", began, monotonic_ns() + AFTERMATH)

    def _cut(self):
        now = monotonic_ns()
        unanswered = self._random.random() < 0.5
        self._await(lambda: self.proxy.cut(self._random, unanswered=unanswered), "to connect")
        note(self.log, "trouble", now, monotonic_ns() + AFTERMATH)

    # Processes ---------------------------------------------------------------------------------------

    def _start(self, member):
        member.process = begun(member.role, *self.urls, str(self.folder), member.number)

    def _ready(self, member):
        return (self.folder / "ready" / str(member.process.pid)).exists()

    def _tend(self):
        """Let go on who was stopped for long enough, and replace who ended by himself."""
        for member in self._crew:
            if member.stopped_until is not None and monotonic() >= member.stopped_until:
                self._go_on(member)
            if not self._leaving and member.process.exitcode not in (None, 0):
                self.died.append(self._told(member))
                self._start(member)

    def _go_on(self, member):
        if member.stopped_until is not None:
            os.kill(member.process.pid, signal.SIGCONT)
            member.stopped_until = None

    def _await(self, condition, what):
        until = monotonic() + TOO_LONG
        while not condition():
            self._tend()
            if monotonic() > until:
                self._ask_where_they_are()
                told = "\n".join(map(self._told, self._crew))
                raise AssertionError(f"waited {TOO_LONG} s for processes {what}:\n{told}")
            sleep(0.05)

    def _ask_where_they_are(self):
        for member in self._crew:
            if member.process.is_alive():
                self._go_on(member)
                member.process.send_signal(signal.SIGUSR1)
        sleep(2)

    def _told(self, member):
        said = (self.folder / f"said-{member.role}-{member.number}").read_text()
        return f"{member.role} {member.process.exitcode}: {said[-9000:]}"

    def _end(self):
        for member in self._crew:
            if member.process is not None:
                member.process.kill()
                member.process.join()


def begun(*arguments):
    """Begin a process that does what ``processes.main`` says, and return it."""
    process = FORKS.Process(target=main, args=arguments)
    before = os.environ.get("PYTHONPATH")
    # With the first, the one begins that all are forked from. It has to find these tests.
    os.environ["PYTHONPATH"] = ROOT
    try:
        process.start()
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before
    return process


def _complains(told):
    return "Traceback" in told
