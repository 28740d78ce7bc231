"""Who begins runs, and does to them what callers and operators do, until all of them have ended."""

from time import sleep

from runfox import Workflow
from runfox.errors import RunfoxError, SignalRefused, StoreUnavailable, VerbRefused
from runfox.status import WorkflowStatus
from runfox.values import parse
from tests.storms.flows import FLOWS, inputs
from tests.storms.notes import lines, note

OPEN = 12
"""How many runs a caller has under way."""

KINDS = [*FLOWS]


class Diary:
    """What a caller was told is done. Its successor, if it is killed, goes on from there."""

    def __init__(self, folder, caller):
        self.path = folder / f"caller-{caller}"
        told = lines(self.path)
        self.made = [words[1] for words in told if words[0] == "made"]
        over = {words[1] for words in told if words[0] == "over"}
        self.open = [own for own in self.made if own not in over]

    def note(self, what, own):
        note(self.path, what, own)


def call(backend, folder, caller, random):
    """Begin runs until it is calm, and see all of them to their end."""
    diary = Diary(folder, caller)
    while True:
        calm = (folder / "calm").exists()
        if calm and not diary.open:
            return
        try:
            if not calm and len(diary.open) < OPEN:
                begin(backend, diary, caller, random)
            for own in random.sample(diary.open, min(len(diary.open), 3)):
                if attend(backend, folder, diary, own, random):
                    diary.note("over", own)
                    diary.open.remove(own)
        except StoreUnavailable as error:
            print(f"trying again: {error}", flush=True)
        sleep(0.03)


def begin(backend, diary, caller, random):
    """Begin the next run. One that was begun and not acknowledged is begun again: its id is the same."""
    number = len(diary.made)
    kind = KINDS[number % len(KINDS)]
    own = f"{kind}-{caller}-{number}"
    flow = {"name": kind, **FLOWS[kind]}
    run = Workflow.from_dict(flow, backend, inputs=inputs(number), execution_id=own)
    diary.made.append(own)
    diary.open.append(own)
    diary.note("made", own)
    if random.random() < 0.7:
        run.advance()


def attend(backend, folder, diary, own, random):
    """Do to a run what it may need; return whether it is over."""
    kind, record = own.partition("-")[0], backend.load(own)
    status = record.status
    try:
        if status is WorkflowStatus.FAILED and kind == "mend":
            (folder / f"mended-{own}").touch()
            backend.retry(own)
        elif status.ended:
            return True
        elif status is WorkflowStatus.PAUSED:
            backend.resume(own)
        elif status is WorkflowStatus.PENDING:
            backend.step(own)
        elif kind == "ask" and random.random() < 0.5:
            backend.signal(own, "go", {"n": int(own.rpartition("-")[2])}, id="once")
            diary.note("said", own)
        elif kind == "stop" and random.random() < 0.2:
            backend.cancel(own)
            diary.note("cancelled", own)
        elif kind == "chain" and random.random() < 0.1:
            backend.pause(own)
    except (VerbRefused, SignalRefused):
        pass  # it has ended meanwhile
    return False


def see_off(backend, told):
    """Do what runs that were there before the storm may be waiting for; return those that have not ended.

    ``told`` is what the release that began them tells of them. Those that wait for a later day are not waited for.
    """
    left = []
    for own in told:
        record = backend.load(own)
        if record.status.ended:
            continue
        left.append(own)
        for name in ("first", "go"):
            try:
                backend.signal(own, name, {"n": 0}, id=f"nudge-{name}")
            except RunfoxError as error:
                if isinstance(error, StoreUnavailable):
                    raise
        if record.status is WorkflowStatus.PAUSED:
            backend.resume(own)
        elif record.status is WorkflowStatus.PENDING:
            backend.step(own)
    return left


def outcomes_of(path):
    """Return how the runs of a golden set end, by their ids."""
    return parse(path.read_text())["outcomes"]
