"""One simulation: what processes there are, what they do, and what meets them on the way to store and queue."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

from greenlet import getcurrent

from runfox.backend import Backend, InProcessRunner, holding
from runfox.backend.catalog import _Recent
from runfox.backend.driver import execute
from runfox.backend.protocols import REFUSALS
from runfox.errors import (
    SignalRefused,
    StoreUnavailable,
    VerbRefused,
)
from runfox.execution import open_pool
from runfox.execution.call import context_of
from runfox.execution.errand import Errand
from runfox.testing.unreliable import NONE, UnreliableHints
from runfox.worker import Driver, Worker
from tests.simulation.ambient import ambient
from tests.simulation.checks import Checks, Violation
from tests.simulation.clockwork import Clockwork, Process, process_now
from tests.simulation.drawn import COUNT, drawn
from tests.simulation.faults import BY_NAME, HEAL, LATE, PROFILES
from tests.simulation.flows import FLOWS, outcome_of
from tests.simulation.stores import HintLink, Link, WatchedStore

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=12)
HOLD = timedelta(seconds=15)
DRAIN = 200.0
PLANS = _Recent(10_000)
"""The plans of all workflows: to compile one in every process would take longer than the rest."""


class Cast(NamedTuple):
    """Who takes part: the places of each worker, how many drivers, and whether a caller executes its run.

    ``strangers`` are workers that take and submit, and do nothing else: they do not even beat.
    """

    workers: tuple[int, ...] = (1, 2)
    drivers: int = 1
    executes: bool = False
    strangers: int = 0
    max_deliveries: int = 50


class Scene:
    """A store, a queue, processes, and a seed that decides what happens."""

    def __init__(self, mode, flow, profile, seed, *, cast=None, points=(), verbose=False):
        self.mode, self.flow, self.profile = mode, flow, profile
        self.random = Random(f"{mode} {seed} {flow.name} {profile.name}")
        self.clock = Clockwork(self.random)
        self.cast = self._cast() if cast is None else cast
        self.checks = Checks(self.clock, max_deliveries=self.cast.max_deliveries)
        self.checks.slots = flow.limits
        self.checks.given_back = int(self.cast.executes)
        self.store = WatchedStore(self.now, self.checks)
        self.store.database = "simulated"
        self.store.listeners.append(self._changed)
        self.queue = UnreliableHints(self.random, lambda: self.clock.time, profile.hints)
        self.points = dict(points)
        self.verbose = verbose
        self.ill = profile
        self.processes = []
        self.workers = {}
        self.waiting = []
        self.versions = {}
        self.version = 0
        self.outage = 0.0
        self.operations = 0
        self.writes = 0
        self.written = []
        self.faults = Counter()
        self.hints = 0
        self.calling = flow.many
        self.accepted = {}
        self.unsure = set()
        self.texts = self.random.random() < 0.25
        self.names = Counter()

    def _cast(self):
        random = self.random
        return Cast(
            tuple(random.choice([1, 1, 2]) for _ in range(random.choice([1, 2, 2, 3]))),
            random.choice([0, 1, 1]),
            random.random() < 0.15,
            int(random.random() < 0.15),
            50 if random.random() < 0.9 and self.flow.name != "poison" else 3,
        )

    def now(self):
        return BEGIN + timedelta(milliseconds=int(self.clock.time * 1000))

    # Processes --------------------------------------------------------------------------------------

    def spawn(self, role, work, *, after=0.0):
        """Begin a process, and another in its place each time that it dies."""
        self.names[role] += 1
        rate = 1 + (self.random.random() - 0.5) * 0.02
        process = Process(f"{role}.{self.names[role]}", rate, self.random.random() * 1000)
        self.processes.append(process)
        process.again = lambda: self.spawn(role, work, after=0.3 + self.random.random() * 6)
        self.clock.start(process, lambda: work(process), after=after)
        return process

    def kill(self, process, why):
        self.faults[why] += 1
        self.say("KILLED", why, process=process)
        self.workers.pop(process, None)
        process.again()
        self.clock.kill(process)

    def backend(self):
        link = Link(self, self.store, texts=self.texts)
        runner = InProcessRunner(clock=self.now) if self.mode == "T" else HintLink(self, self.queue)
        backend = Backend(
            link, runner, lease=LEASE, hold=HOLD, max_deliveries=self.cast.max_deliveries
        )
        backend.catalog._plans = PLANS
        return backend

    def work(self, places):
        def work(process):
            backend = self.backend()
            mode = "inline" if places == 1 else "thread"
            worker = Worker(backend, self.executor, concurrency=places, mode=mode)
            self.workers[process] = worker
            try:
                worker.run()
            except StoreUnavailable:
                if worker._stops < 2:
                    raise
            self.workers.pop(process, None)
            process.again()

        return work

    def serve(self, process):
        """Work as somebody does who knows only how to take jobs, and to submit results."""
        backend = self.backend()
        while True:
            self.clock.rest(1.0 + self.random.random())
            try:
                jobs = backend.take_pending_jobs(1)
            except StoreUnavailable:
                continue
            for job in jobs:
                key, step, run_id = job.workflow_execution_id, job.step_id, job.run_id
                try:
                    output = self.executor(job.fn, job.inputs, context_of(Errand(job)))
                except ValueError as error:
                    # Nobody asked it for its delivery: what it submits is trusted.
                    kind, told = "ValueError", f"submitted: {error}"
                    self._surely(
                        lambda: backend.submit_work_error(key, step, kind, told, run_id)  # noqa: B023
                    )
                else:
                    self._surely(
                        lambda: backend.submit_work_result(key, step, output, run_id)  # noqa: B023
                    )

    def drive(self, process):
        Driver(self.backend()).run()

    def executor(self, fn, inputs, context):
        run = self.checks.started(context)
        self.say("EXECUTE", context.step_id, context.run_id, context.delivery)
        seconds = self._seconds(fn, context)
        while fn == "beating" and seconds > 1:
            self.clock.rest(1.5)
            context.beat()
            seconds -= 1.5
        self.clock.rest(seconds)
        if fn == "deadly":
            self.kill(process_now(), "killed by its job")
        output = outcome_of(fn, inputs, context)
        self.checks.answered(run, output)
        return output

    def _seconds(self, fn, context):
        chance, random = self.random.random(), self.random.random()
        if fn == "long":
            return 3 + 4 * random
        if fn == "slow_once":
            return (3 if context.attempt == 1 else 0.2) + 3 * random
        if fn == "hangs":
            return 60 if context.attempt == 1 else random
        if fn == "beating":
            return 4 + 6 * random
        return 14 + 20 * random if chance < 0.04 else 1.5 * random

    # Callers ----------------------------------------------------------------------------------------

    def call(self, number):
        """A caller creates a run, and does to it what the flow says. If it dies, another goes on where it was."""
        own, flow = f"x{number}", self.flow
        done = []

        def call(process):
            backend = self.backend()
            key = self._surely(lambda: backend.create(flow.spec, {}, execution_id=own))
            self._surely(lambda: backend.step(key))
            begun = self.store._executions[own].facts[0][0]
            if self.cast.executes and not done:
                self._execute(backend, key)
            for place, act in enumerate(flow.acts):
                if place >= len(done):
                    left = (begun + timedelta(seconds=act.at) - self.now()).total_seconds()
                    if left > 0:
                        self.clock.rest(left)
                    self._act(backend, key, own, place, act)
                    done.append(act)
            self.calling -= 1

        return call

    def _execute(self, backend, key):
        """Execute a run as its caller, until it is done or somebody else has to do something."""

        def work(process):
            with suppress(StoreUnavailable):
                execute(self.backend(), key, open_pool(self.executor, concurrency=1))

        process = self.spawn("executes", work)
        process.again = lambda: None

    def _surely(self, call):
        """Call until there is an answer."""
        while True:
            try:
                return call()
            except StoreUnavailable:
                self.clock.rest(1.0)

    def _act(self, backend, key, own, place, act):
        if act.when is not None:
            for _ in range(60):
                record = self._surely(lambda: backend.load(key))
                if record.status.value == act.when:
                    break
                self.clock.rest(1.0)
            else:
                return
        again = act.verb in ("pause", "resume", "skip", "retry") or bool(act.options.get("id"))
        mark = (own, place)
        if mark in self.unsure and not again:
            return  # the caller before died in the middle of it
        while True:
            self.unsure.add(mark)
            try:
                getattr(backend, act.verb)(key, *act.arguments, **act.options)
            except StoreUnavailable:
                if not again:
                    return
                self.clock.rest(1.0)
            except (VerbRefused, SignalRefused):
                self.unsure.discard(mark)
                return
            else:
                self.unsure.discard(mark)
                self.accepted[mark] = act
                self.say("ACCEPTED", act.verb, act.arguments)
                return

    # What meets operations --------------------------------------------------------------------------

    def read(self, name, call):
        """Do what reads: it takes its time, and the store may not answer."""
        clock = self.clock
        self.operations += 1
        clock.rest(0.001 + 0.01 * self.random.random())
        process = process_now()
        if self.outage > clock.time or process.cut > clock.time:
            raise StoreUnavailable("the store does not answer")
        ill = self.ill
        if ill.down and self.random.random() < ill.down:
            self.faults["down"] += 1
            raise StoreUnavailable("the store does not answer")
        return call()

    def write(self, name, call):
        """Do what writes: before it and after it, everything may go wrong."""
        clock, random = self.clock, self.random
        self.operations += 1
        process = process_now()
        clock.rest(self._pace())
        number, self.writes = self.writes, self.writes + 1
        if self.points is not None:
            self.written.append(name)
            if self.points.get(number) == "before":
                self.kill(process, "crash before")
        ill = self.ill
        if ill.crash and random.random() < ill.crash:
            self.kill(process, "crash before")
        if self.outage > clock.time or process.cut > clock.time:
            raise StoreUnavailable("the store does not answer")
        if ill.down and random.random() < ill.down:
            self.faults["down"] += 1
            raise StoreUnavailable("the store does not answer")
        try:
            result = call()
        except REFUSALS as refusal:
            self.checks.conflicts += 1
            self.say(name, "refused", type(refusal).__name__)
            clock.rest(self._pace())
            raise
        if self.verbose:
            self.say(name, result)
        clock.rest(self._pace())
        if self.points is not None and self.points.get(number) == "after":
            self.kill(process, "crash after")
        if ill.crash and random.random() < ill.crash:
            self.kill(process, "crash after")
        if ill.lost and random.random() < ill.lost:
            self.faults["lost"] += 1
            self.say(name, "answer lost")
            raise StoreUnavailable("the answer is lost")
        return result

    def _pace(self):
        random = self.random.random
        if self.ill.slow and random() < self.ill.slow:
            self.faults["slow"] += 1
            return 8 * random()
        return 0.001 + 0.01 * random()

    def wait(self, link, timeout):
        if self.versions.get(link) != self.version:
            self.versions[link] = self.version
            return
        self.waiting.append(getcurrent())
        self.clock.sleep_until_woken(timeout)
        self.versions[link] = self.version

    def _changed(self):
        self.version += 1
        for who in self.waiting:
            self.clock.wake(who, 0.2 * self.random.random())
        self.waiting.clear()

    def hinted(self, hints):
        self.hints += len(hints)

    # What happens by itself -------------------------------------------------------------------------

    def chaos(self, name, seconds, strike):
        def work(process):
            clock = self.clock
            while True:
                clock.rest(self.random.expovariate(1 / seconds))
                if clock.time >= HEAL:
                    return
                strike()

        process = Process(name, 1, 0)
        self.processes.append(process)
        self.clock.start(process, lambda: work(process))

    def _victim(self):
        victims = [one for one in self.processes if not one.dead and hasattr(one, "again")]
        return self.random.choice(victims) if victims else None

    def _kill(self):
        victim = self._victim()
        if victim is not None and victim.greenlets:
            self.kill(victim, "killed")

    def _freeze(self):
        victim = self._victim()
        if victim is not None:
            self.faults["frozen"] += 1
            victim.frozen = self.clock.time + 5 + 40 * self.random.random()
            self.say("FROZEN", victim.frozen, process=victim)

    def _cut(self):
        victim = self._victim()
        if victim is not None:
            self.faults["cut off"] += 1
            victim.cut = self.clock.time + 2 + 25 * self.random.random()
            self.say("CUT OFF", victim.cut, process=victim)

    def _restart(self):
        self.faults["outage"] += 1
        self.outage = self.clock.time + 1 + 8 * self.random.random()
        self.say("OUTAGE", self.outage, process=None)

    def _stop(self):
        if self.workers:
            worker = self.random.choice(list(self.workers.values()))
            self.faults["stopped"] += 1
            # Told so twice, it gives back what it executes, and that counts as no delivery.
            self.checks.given_back += worker.concurrency * worker._stops
            worker.stop()

    def heal(self, process):
        self.clock.rest(HEAL)
        self.ill = BY_NAME["calm"]
        self.queue.faults = NONE
        for one in self.processes:
            one.frozen = one.cut = 0.0
        self.outage = 0.0

    # The whole --------------------------------------------------------------------------------------

    def run(self):
        """Let all of it happen. Raises what went wrong."""
        Violation.found.clear()
        with ambient(self.clock):
            for number in range(self.flow.many):
                self.spawn("caller", self.call(number), after=0.5 * number)
            for places in self.cast.workers:
                self.spawn("worker", self.work(places))
            for _ in range(self.cast.strangers):
                self.spawn("stranger", self.serve)
            for _ in range(self.cast.drivers):
                self.spawn("driver", self.drive)
            self._start_chaos()
            try:
                self.over = self.clock.run(self._over, HEAL + LATE)
                self.rested = self.over and self.clock.run(self._rests, self.clock.time + DRAIN)
            finally:
                self.clock.stop(self.processes)
                holding._hands.clear()
        if Violation.found:
            raise Violation.found[0]
        if self.clock.failed is not None:
            raise self.clock.failed[1]

    def _start_chaos(self):
        profile = self.profile
        process = Process("heal", 1, 0)
        self.processes.append(process)
        self.clock.start(process, lambda: self.heal(process))
        for name, seconds, strike in (
            ("killer", profile.kill, self._kill),
            ("freezer", profile.freeze, self._freeze),
            ("cutter", profile.cut, self._cut),
            ("restarter", profile.outage, self._restart),
            ("stopper", profile.stop, self._stop),
        ):
            if seconds:
                self.chaos(name, seconds, strike)

    def _over(self):
        return self.calling == 0 and not self.checks.open

    def _rests(self):
        store = self.store
        return not (store.ledger.size() or store._inbox._waiting or store._slots._held)

    def say(self, what, *more, process=...):
        if self.verbose:
            if process is ...:
                process = process_now()
            told = " ".join(str(one)[:300] for one in more)
            print(f"{self.clock.time:9.3f} {process!s:12} {what:12} {told}")


def scene_of(mode, seed, *, flow=None, profile=None, **options):
    """Return the simulation of a seed: which workflow it is of, and what goes wrong, is drawn, too."""
    random = Random(f"{mode} {seed}")
    drawn_flow = drawn(random.randrange(COUNT)) if random.random() < 0.2 else None
    named = list(FLOWS.values())[random.randrange(len(FLOWS))]
    any_profile = random.choice(PROFILES)
    flow = (drawn_flow or named) if flow is None else flow
    return Scene(mode, flow, any_profile if profile is None else profile, seed, **options)
