"""What the cases of mocks.yaml cannot say: answers that depend on the inputs, and many runs at once."""

from datetime import timedelta
from pathlib import Path

import pytest

from runfox.testing import Fails, Takes, simulate

FLOW = Path(__file__).with_name("flow.yaml")
ANSWERS = {
    "reserve": {},
    "release": {},
    "charge": {"receipt": "1.00"},
    "label": {"tracking": "T-1"},
}


@pytest.mark.parametrize("total", [0, 1, 999, 1000])
def test_what_is_charged_is_the_total(total):
    script = ANSWERS | {"charge": lambda inputs: {"receipt": f"{inputs['total']:.2f}"}}
    assert simulate(FLOW, script, {"total": total}).outcome["paid"] == f"{total:.2f}"


def test_a_payment_that_never_succeeds_gives_back_what_was_reserved():
    run = simulate(FLOW, ANSWERS | {"charge": Fails("Declined", "no money")})
    assert run.error["type"] == "Declined"
    assert [call.fn for call in run.calls] == ["reserve", "charge", "charge", "charge", "release"]


def test_a_slow_payment_is_one_payment():
    run = simulate(FLOW, ANSWERS | {"charge": Takes("59s", {"receipt": "1.00"})})
    assert len(run.called("charge")) == 1
    assert run.elapsed >= timedelta(seconds=59)
