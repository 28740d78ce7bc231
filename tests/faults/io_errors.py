"""Let writes and syncs fail at every point of a short life, and see that it goes on.

python -m tests.faults.io_errors prints a table.

At each point the write, or sync, or truncation that is next fails: once, or from then on until whoever works there
has been told, when the disk is healed. Then the same process goes on; or, in the other half of the ways, it dies
there and then, and another finds the files and does it all again.
"""

import errno
import os
import shutil
import sys
from contextlib import closing, contextmanager
from ctypes import CDLL
from datetime import timedelta
from itertools import count, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from runfox import SqliteStore, Workflow
from runfox.backend import deciding
from runfox.backend.sqlite import checkpoints
from runfox.errors import StoreUnavailable
from runfox.values import parse, text
from tests.acceptance.flows import FLOW, INPUTS
from tests.faults import shim
from tests.faults.life import ASKING, Moved, open_backend
from tests.faults.power import memory
from tests.faults.verdict import check_end, check_records, missing

WAYS = tuple(product((errno.EIO, errno.ENOSPC), ("once", "for ever"), ("goes on", "dies")))

NEVER = 1_000_000

DIED = 7

preloaded = CDLL(None)

_numbers = count()


class Tally(NamedTuple):
    """What was found over the points of one way to fail."""

    points: int = 0
    raised: int = 0
    """How often whoever called was told that the store is unavailable."""
    checked: int = 0
    recognised: int = 0
    """Commits that had been answered with an error, and were found by their token to be there."""
    violations: tuple[str, ...] = ()

    def plus(self, other: "Tally") -> "Tally":
        return Tally._make(mine + theirs for mine, theirs in zip(self, other, strict=True))


class Counting(SqliteStore):
    """A store that counts the commits which it recognises."""

    recognised = 0

    def _conflict(self, connection, commit):
        answer = super()._conflict(connection, commit)
        Counting.recognised += 1
        return answer


class Attempts:
    """Does one thing after the other, each until it succeeds, and keeps what was acknowledged."""

    def __init__(self, log: Path, *, dies: bool) -> None:
        self.raised = 0
        self._log = log
        self._dies = dies

    def __call__(self, action, *told):
        while True:
            try:
                answer = action()
            except StoreUnavailable:
                self.raised += 1
                preloaded.shim_disarm()
                if self._dies:
                    os._exit(DIED)
            else:
                for one in told:
                    with self._log.open("a") as log:
                        log.write(f"{text(one)}\n")
                return answer


def story(path: Path, attempt: Attempts) -> None:
    """Do something of everything. It may be told again, from the beginning, after it was broken off anywhere."""
    clock = Moved()
    backend = attempt(lambda: open_backend(path, "durable", clock=clock, kind=Counting))
    with closing(backend.store):
        asking = attempt(
            lambda: Workflow.from_dict(ASKING, backend, execution_id="ask0"), ["create", "ask0"]
        )
        attempt(asking.advance)
        if not attempt(lambda: asking.step_statuses["first"]).ended:
            attempt(lambda: backend.runner.take_pending_jobs(1))
        attempt(
            lambda: backend.runner.submit_work_result(asking.id, "first", {"is": "first-0"}, 0),
            ["said", "ask0", "first-0"],
        )
        attempt(asking.advance)
        attempt(lambda: asking.signal("go", "said-0", id="once"), ["said", "ask0", "said-0"])
        everything = attempt(
            lambda: Workflow.from_dict(FLOW, backend, inputs=INPUTS, execution_id="all0"),
            ["create", "all0"],
        )
        attempt(everything.run, ["ended", "all0"])
        clock.by += timedelta(minutes=11)
        attempt(asking.run, ["ended", "ask0"])
        attempt(backend.store.ledger.leave)


def fail(way: tuple[int, str, str], point: int) -> Tally:
    """Tell the story with a failure at one point of it, and judge what is there at the end."""
    number, how_long, then = way
    with _files() as (path, log):
        attempt = Attempts(log, dies=then == "dies")
        preloaded.shim_arm(point, number, how_long == "for ever")
        Counting.recognised = 0
        died = 0
        if then == "dies":
            died = _in_a_fork(lambda: story(path, attempt))
            preloaded.shim_disarm()
        story(path, attempt)
        told = [parse(line) for line in log.read_text().splitlines()]
        lost = missing(path, told)
        assert not lost, f"lost: {lost}"
        backend = open_backend(path, "durable", clock=Moved(timedelta(days=1)))
        with closing(backend.store):
            check_records(backend, ["ask0", "all0"])
            check_end(backend, "ask0")
            check_end(backend, "all0")
        return Tally(1, attempt.raised + died, len(told), Counting.recognised)


def _in_a_fork(action) -> int:
    """Do something in a process of its own; return 1 if it died of an error of the store."""
    child = os.fork()
    if not child:
        try:
            action()
        except BaseException as error:
            print(f"{error!r}", file=sys.stderr)
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DIED), f"it ended with {code}"
    return int(code == DIED)


def points() -> int:
    """Return how many points there are at which something can fail."""
    with _files() as (path, log):
        preloaded.shim_arm(NEVER, errno.EIO, 0)
        story(path, Attempts(log, dies=False))
        return preloaded.shim_disarm()


@contextmanager
def _files():
    """A new database that the shim sees to, and a file for what is acknowledged that it does not."""
    prefix = Path(os.environ["SHIM_FILES"])
    path = prefix.with_name(f"{prefix.name}{next(_numbers)}.db")
    log = prefix.with_name("log")
    log.write_text("")
    yield path, log
    shutil.rmtree(f"{path}-workers")
    for file in prefix.parent.glob(f"{path.name}*"):
        file.unlink()


def everywhere(every: int) -> dict[tuple[int, str, str], Tally]:
    """Fail in each way at each so-manieth point, in a process that has the shim beneath it."""
    with TemporaryDirectory(dir=memory()) as name:
        env = shim.environment(shim.build(Path(name)), Path(name) / "life")
        told = shim.run("io_errors", every, env=env)
    return {
        (number, *way): Tally._make(map(_tuple, tally)) for (number, *way), tally in parse(told)
    }


def _tuple(value):
    return tuple(value) if isinstance(value, list) else value


def _within(every: int) -> None:
    """The same in this process."""
    checkpoints.COMMITS = 10
    deciding.sleep = lambda _: None
    last = points()
    tallies = {}
    for offset, way in enumerate(WAYS):
        tally = Tally()
        for point in range(1 + offset % every, last + 1, every):
            try:
                tally = tally.plus(fail(way, point))
            except Exception as error:
                where = f"{errno.errorcode[way[0]]} {way[1:]} at {point}: {error!r}"
                tally = tally.plus(Tally(1, violations=(where,)))
        tallies[way] = tally
    print(text(list(tallies.items())))


def table(tallies: dict[tuple[int, str, str], Tally]) -> str:
    columns = ("error", "for how long", "the process", "points", "told", "acknowledged checked")
    lines = [f"| {' | '.join(columns)} | recognised | violations |", f"{'|---' * 8}|"]
    for (number, how_long, then), one in tallies.items():
        cells = [errno.errorcode[number], how_long, then, *one[:4], len(one.violations)]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def _main(*every: str) -> None:
    if every:
        _within(int(every[0]))
        return
    tallies = everywhere(1)
    print(table(tallies))
    violations = [one for tally in tallies.values() for one in tally.violations]
    print(*violations, sep="\n")
    sys.exit(bool(violations))


if __name__ == "__main__":
    _main(*sys.argv[1:])
