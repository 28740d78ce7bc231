"""A workflow with a bit of everything, and what must be true of any run of it, whatever happened on the way."""

import os
import sqlite3
from collections import Counter
from time import sleep

from runfox.backend import codec
from runfox.graph.facts import StepSucceeded

WIDTH = 8
TURNS = 3

STEPS = [
    {"id": "root", "input": {"seed": {"var": "input.seed"}}},
    *[
        {
            "id": f"wide{number}",
            "fn": "wide",
            "depends_on": ["root"],
            "input": {"number": number, "seed": {"var": "steps.root.output.seed"}},
        }
        for number in range(WIDTH)
    ],
    {
        "id": "join",
        "depends_on": [f"wide{number}" for number in range(WIDTH)],
        "input": {"values": {"vars": "steps[*].output.value"}},
    },
    {
        "id": "loop",
        "depends_on": ["join"],
        "input": {"turn": {"var": ["state.turn", 0]}},
        "branch": [
            {
                "condition": {"<": [{"var": "turn"}, TURNS]},
                "action": {"set": "loop", "value": "ready"},
            },
            {"condition": True, "action": "complete"},
        ],
    },
    {
        "id": "flaky",
        "depends_on": ["loop"],
        "max_attempts": 3,
        "input": {"sum": {"var": "state.sum"}},
    },
    {"id": "last", "depends_on": ["flaky"], "input": {"sum": {"var": "state.sum"}}},
]

FLOW = {
    "name": "everything",
    "steps": STEPS,
    "outputs": {"sum": {"var": "state.sum"}, "turn": {"var": "state.turn"}},
}

INPUTS = {"seed": 7}

OUTCOME = {"sum": sum(7 + number for number in range(WIDTH)), "turn": TURNS}

RUNS = {
    ("root", 0): 1,
    **{(f"wide{number}", 0): 1 for number in range(WIDTH)},
    ("join", 0): 1,
    **{("loop", turn): 1 for turn in range(TURNS)},
    ("flaky", 1): 1,
    ("last", 0): 1,
}
"""What succeeds, and how often: the first attempt of ``flaky`` fails."""


def answer(fn, inputs, attempt):
    """Return what each step answers: it depends on nothing but its inputs and the attempt."""
    match fn:
        case "root":
            return {"seed": inputs["seed"]}
        case "wide":
            return {"value": inputs["seed"] + inputs["number"]}
        case "join":
            return {"sum": sum(inputs["values"])}
        case "loop":
            return {"turn": inputs["turn"] + 1}
        case "flaky" if attempt == 1:
            raise RuntimeError("the first attempt always fails")
        case _:
            return {"sum": inputs["sum"]}


class Logged:
    """An executor that takes a moment, and leaves a line for each start in a file that many processes write."""

    def __init__(self, log, seconds=0.0):
        self.log = str(log)
        self.seconds = seconds

    def __call__(self, fn, inputs, context):
        line = f"{context.step_id} {context.run_id} {os.getpid()}\n"
        handle = os.open(self.log, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        os.write(handle, line.encode())
        os.close(handle)
        sleep(self.seconds)
        return answer(fn, inputs, context.attempt)


def starts(log):
    """Return how often each run was started."""
    lines = log.read_text().splitlines() if log.exists() else []
    return Counter((step, int(run)) for step, run, _ in map(str.split, lines))


def successes(backend, key):
    """Return how often the success of each run is in the history."""
    return Counter(
        (fact.step, fact.run_id)
        for row in backend.history(key)
        for fact in codec.facts(row)
        if isinstance(fact, StepSucceeded)
    )


def left_over(path):
    """Return what the queue of a file still holds: jobs, and messages."""
    connection = sqlite3.connect(path)
    try:
        jobs = connection.execute("SELECT step, run_id, worker FROM jobs").fetchall()
        mail = connection.execute("SELECT key FROM inbox").fetchall()
    finally:
        connection.close()
    return jobs + mail
