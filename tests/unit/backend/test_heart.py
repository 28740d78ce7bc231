"""A heart beats as long as whoever it beats for is there, and all of a queue beat in one thread."""

import os
import threading
from datetime import timedelta
from threading import Event
from time import sleep

import pytest

from runfox.backend.heart import Heart
from runfox.errors import StoreUnavailable

SHORT = timedelta(seconds=0.03)
LONG = 30
"""Seconds after which a test gives up."""


class Queue:
    """What hearts belong to."""


class Beats:
    """Counts, and tells when there were some more."""

    def __init__(self, error=None):
        self.error = error
        self._more = threading.Semaphore(0)

    def __call__(self):
        self._more.release()
        if self.error is not None:
            raise self.error

    def wait_for(self, number):
        for _ in range(number):
            assert self._more.acquire(timeout=LONG)


def nothing():
    pass


def threads():
    return {thread for thread in threading.enumerate() if thread.name == "runfox-heart"}


def test_no_lease_is_renewed_after_its_worker_has_left():
    begun, left, late = Event(), Event(), []

    def beat():
        begun.set()
        sleep(0.2)
        late.append(left.is_set())

    with Heart(beat, nothing, SHORT, Queue()):
        assert begun.wait(LONG)
    left.set()
    assert late and not any(late)


def test_the_hearts_of_a_queue_beat_in_one_thread_that_ends_with_the_last():
    others, queue = threads(), Queue()
    all_beats = [Beats() for _ in range(50)]
    hearts = [Heart(beats, nothing, SHORT, queue).__enter__() for beats in all_beats]
    for beats in all_beats:
        beats.wait_for(3)
    (mine,) = threads() - others
    for heart in hearts[1:]:
        heart.__exit__()
    all_beats[0].wait_for(3)
    assert mine.is_alive()
    hearts[0].__exit__()
    mine.join(LONG)
    assert not mine.is_alive()


def test_a_queue_whose_hearts_had_all_stopped_beats_again():
    queue = Queue()
    for _ in range(3):
        beats = Beats()
        with Heart(beats, nothing, SHORT, queue):
            beats.wait_for(2)


def test_a_heart_that_is_blocked_keeps_that_of_no_other_queue():
    begun, going, beats = Event(), Event(), Beats()

    def blocked():
        begun.set()
        assert going.wait(LONG)

    with Heart(blocked, nothing, SHORT, Queue()), Heart(beats, nothing, SHORT, Queue()):
        assert begun.wait(LONG)
        beats.wait_for(5)
        going.set()


@pytest.mark.parametrize("error", [StoreUnavailable("it is away"), ValueError("a fault")])
def test_a_beat_that_fails_is_told_of_and_the_next_ones_come(error, caplog):
    queue, failing, other = Queue(), Beats(error), Beats()
    with Heart(failing, nothing, SHORT, queue), Heart(other, nothing, SHORT, queue):
        failing.wait_for(3)
        other.wait_for(3)
    assert "could not renew the lease" in caplog.text


def test_looks_come_between_beats():
    looks = Beats()
    with Heart(nothing, looks, timedelta(hours=1), Queue()):
        looks.wait_for(1)


def test_without_a_lease_there_is_no_thread():
    others = threads()
    with Heart(nothing, nothing, None, Queue()):
        assert threads() <= others


def test_a_queue_that_can_be_no_key_has_a_heart_too():
    beats = Beats()
    with Heart(beats, nothing, SHORT, []):
        beats.wait_for(2)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_has_a_heart_of_its_own_for_the_same_queue():
    queue, beats = Queue(), Beats()
    with Heart(beats, nothing, SHORT, queue):
        beats.wait_for(1)
        child = os.fork()
        if not child:
            status = 1
            try:
                own = Beats()
                with Heart(own, nothing, SHORT, queue):
                    own.wait_for(2)
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0


def test_a_heart_beats_though_the_system_had_no_thread_for_the_one_before(monkeypatch):
    queue, beats = Queue(), Beats()

    def refused(thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(threading.Thread, "start", refused)
        Heart(nothing, nothing, SHORT, queue).__enter__()
    with Heart(beats, nothing, SHORT, queue):
        beats.wait_for(1)
