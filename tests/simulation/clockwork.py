"""Processes without processes: greenlets that a seeded scheduler lets go on, in a time that only it moves.

Whatever would wait, or could be interrupted by others, calls ``Clockwork.rest``. Nothing else gives way, so what
is between two rests is atomic, and a seed decides about everything.
"""

from heapq import heappop, heappush
from random import Random

from greenlet import getcurrent, greenlet


class Dead(BaseException):
    """Raised in what belongs to a process that was killed: it gets nothing done any more."""


class Spinning(BaseException):
    """Somebody is busy with nothing."""


SPINS = 10_000


class Stopped(BaseException):
    """Raised in everything when the simulation is over."""


class Process:
    """What a crash takes away at once: some greenlets, and all that only they know."""

    def __init__(self, name, rate, shift):
        self.name = name
        self.rate = rate
        self.shift = shift
        self.dead = False
        self.frozen = 0.0
        self.cut = 0.0
        self.greenlets = []

    def __repr__(self):
        return self.name


class Clockwork:
    """The time in seconds, and who goes on when."""

    def __init__(self, random):
        self.random: Random = random
        self.time = 0.0
        self.failed = None
        self._line = []
        self._number = 0
        self._looks = 0
        self._hub = None

    def start(self, process, work, *, after=0.0):
        """Let a process do something from now on, beside what it does already."""

        def run():
            try:
                work()
            except (Dead, Stopped):
                pass
            except BaseException as error:
                if not process.dead:
                    self.failed = self.failed or (process, error)
            process.greenlets.remove(mine)

        mine = greenlet(run)
        mine.process = process
        mine.ticket = 0
        process.greenlets.append(mine)
        self._push(self.time + after, mine)
        return mine

    def look(self):
        """Note that somebody looks at the time. Who does nothing else would do so for ever."""
        self._looks += 1
        if self._looks > SPINS:
            raise Spinning(
                f"{process_now()} looks at the clock {SPINS} times, and lets nobody go on"
            )

    def _push(self, when, who):
        self._number += 1
        heappush(self._line, (when, self._number, who, who.ticket))

    def rest(self, seconds):
        """Let others go on for so long."""
        mine = getcurrent()
        if mine.process.dead:
            raise Dead
        self._push(self.time + seconds, mine)
        self._hub.switch()
        if mine.process.dead:
            raise Dead

    def sleep_until_woken(self, seconds):
        """The same, but ``wake`` ends it; ``seconds`` None: nothing else does."""
        mine = getcurrent()
        if mine.process.dead:
            raise Dead
        if seconds is not None:
            self._push(self.time + seconds, mine)
        self._hub.switch()
        if mine.process.dead:
            raise Dead

    def wake(self, who, after=0.0):
        """Let one that sleeps go on."""
        if not who.dead and not who.process.dead:
            self._push(self.time + after, who)

    def kill(self, process):
        """End a process. What it is in the middle of, it does not finish."""
        process.dead = True
        mine = getcurrent()
        for one in list(process.greenlets):
            if one is not mine:
                self._end(one, Dead)
        if mine in process.greenlets:
            raise Dead

    def _end(self, one, error):
        if one:
            one.ticket += 1
            one.parent = getcurrent()
            one.throw(error)
        elif not one.dead:
            # It never began: there is nothing to unwind.
            one.ticket += 1
            one.process.greenlets.remove(one)

    def run(self, over, until):
        """Let everybody go on until ``over()`` is true, or it is so late, or something failed."""
        self._hub = getcurrent()
        line = self._line
        while line and self.failed is None:
            when, _, who, ticket = heappop(line)
            if who.dead or who.ticket != ticket:
                continue
            if when > until:
                return False
            process = who.process
            if process.frozen > when:
                self._number += 1
                heappush(line, (process.frozen, self._number, who, ticket))
                continue
            self.time = when
            self._looks = 0
            who.ticket += 1
            who.parent = self._hub
            who.switch()
            if over():
                return True
        return False

    def stop(self, processes):
        """End everything that is left."""
        for process in processes:
            process.dead = True
            for one in list(process.greenlets):
                self._end(one, Stopped)


def process_now():
    """Return the process of whoever asks."""
    return getcurrent().process
