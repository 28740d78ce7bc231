"""A heart stops with whoever it beats for."""

from datetime import timedelta
from threading import Event
from time import sleep

from runfox.backend.heart import Heart


def test_no_lease_is_renewed_after_its_worker_has_left():
    begun, left, late = Event(), Event(), []

    def beat():
        begun.set()
        sleep(0.2)
        late.append(left.is_set())

    with Heart(beat, lambda: None, timedelta(seconds=0.03)):
        assert begun.wait(30)
    left.set()
    assert late and not any(late)
