"""Work on a database until its disk is full, make room, and go on: python -m tests.faults.full_disk BYTES"""

import os
import re
import sys
from collections.abc import Callable
from contextlib import closing
from ctypes import CDLL, c_int64
from datetime import timedelta
from itertools import count
from pathlib import Path

from runfox import Workflow
from runfox.errors import StoreUnavailable
from tests.acceptance.flows import FLOW, INPUTS
from tests.faults.life import Moved, Telling, begin, open_backend
from tests.faults.verdict import check_records, finish, missing

FULL = re.compile(r"life.*: database or disk is full. Make room")


def fill(path: Path, make_room: Callable[[], None]) -> tuple[int, int]:
    """Return how much was acknowledged before the disk was full, and how many runs went on afterwards."""
    told: list[list[object]] = []
    Telling.tell = staticmethod(lambda *one: told.append(list(one)))
    clock = Moved()
    backend = open_backend(path, "durable", clock=clock, kind=Telling)
    with closing(backend.store):
        error = _work_until_full(backend)
        assert FULL.search(str(error)), error
        before = list(told)
        # It stays so, and what there is can be read.
        for number in range(3):
            _refused(lambda: begin(backend, 1_000 + number, Telling.tell))  # noqa: B023 - called at once
        there = [one.execution_id for one in backend.executions()]
        check_records(backend, there)
        make_room()
        clock.by += timedelta(minutes=2)
        finished = finish(backend, clock)
        backend.store.ledger.leave()
        assert missing(path, told) == []
        check_records(backend, there)
    return len(before), finished


def _work_until_full(backend) -> StoreUnavailable:
    try:
        for number in count():
            begin(backend, number, Telling.tell)
            name = f"all{number}"
            run = Workflow.from_dict(FLOW, backend, inputs=INPUTS, execution_id=name)
            Telling.tell("create", name)
            run.run()
            Telling.tell("ended", name)
    except StoreUnavailable as error:
        return error
    raise AssertionError


def _refused(action: Callable[[], object]) -> None:
    try:
        action()
    except StoreUnavailable:
        return
    raise AssertionError("there was room after all")


def _main(room: str) -> None:
    library = CDLL(None)
    library.shim_room(c_int64(int(room)))
    print(*fill(Path(os.environ["SHIM_FILES"]), lambda: library.shim_room(c_int64(-1))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
