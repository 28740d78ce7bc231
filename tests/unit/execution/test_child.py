"""A child process whose parent is gone ends in good order, whatever it was at."""

from time import sleep

import pytest

from runfox.execution.child import CONTEXT, Order, serve
from runfox.results import DispatchJob

ORDER = Order(DispatchJob("w#x", "a", "add", {}, 0), {}, 0.0)


def at_once(fn, inputs):
    return {}


def slowly(fn, inputs):
    sleep(0.5)
    return {}


@pytest.mark.parametrize("executor", [at_once, slowly])
def test_a_child_ends_quietly_when_nobody_hears_its_answer(executor, capfd):
    ours, theirs = CONTEXT.Pipe()
    child = CONTEXT.Process(target=serve, args=(executor, theirs))
    child.start()
    theirs.close()
    ours.send(ORDER)
    if executor is at_once:
        assert ours.poll(60)  # it has answered, and the answer is not read
    ours.close()
    child.join(60)
    assert child.exitcode == 0
    child.close()
    assert "Traceback" not in capfd.readouterr().err
