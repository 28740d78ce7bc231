"""What is fuzzed: each target takes a seed, and raises where something comes out that must not."""

import copy
import json
import sqlite3
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from runfox import InMemoryStore, InProcessRunner, expressions
from runfox.backend import Backend, codec, records
from runfox.backend.protocols import Message
from runfox.backend.shapes import Loaded, Row
from runfox.errors import EngineTooOld, ExpressionError, SpecError, StoreCorrupt
from runfox.graph import compile_plan
from runfox.spec import Spec, build, check_text, from_data
from runfox.testing import FakeClock
from runfox.values import parse
from tests.fuzz.logic import DATA, logic
from tests.fuzz.mutating import changed, mangled, odd, seeded, variant
from tests.golden import driving
from tests.golden.flows import FLOWS, INPUTS

GOLDEN = Path(__file__).parent.parent / "golden"
PATTERNS = Path(__file__).parent.parent / "patterns"

# What stores keep ---------------------------------------------------------------------------------------


class Golden:
    """The texts of one golden set: records and rows of facts by execution, and the plans of these."""

    def __init__(self, name):
        told = json.loads((GOLDEN / f"{name}.json").read_text())
        self.records = sorted(told["records"].items())
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.executescript((GOLDEN / f"{name}.sql").read_text())
            specs = connection.execute("SELECT workflow_id, spec FROM definitions").fetchall()
            plans = {key: compile_plan(build(parse(text))) for key, text in specs}
            self.plans = {
                own: plans[key]
                for own, key in connection.execute(
                    "SELECT execution_id, workflow_id FROM executions"
                )
            }
            self.rows = {}
            for own, revision, at, facts in connection.execute(
                "SELECT execution_id, f.revision, at, facts FROM facts f"
                " JOIN executions ON number = execution ORDER BY 1, 2"
            ):
                row = Row(revision, codec.moment(at), facts)
                self.rows.setdefault(own, []).append(row)


@cache
def golden():
    return [Golden(path.stem) for path in sorted(GOLDEN.glob("format_*.sql"))]


def a_record(seed):
    """The text of a record is read, or it is a ``StoreCorrupt``, or one of a newer engine."""
    chance = seeded(seed)
    known = chance.choice(golden())
    own, text = chance.choice(known.records)
    try:
        records.record_from(variant(text, chance), known.plans[own])
    except (StoreCorrupt, EngineTooOld):
        return


def a_row_of_facts(seed):
    """So is a row of facts, and a history that it is part of."""
    chance = seeded(seed)
    known = chance.choice(golden())
    own = chance.choice(sorted(known.rows))
    rows = list(known.rows[own])
    place = chance.randrange(len(rows))
    rows[place] = rows[place]._replace(facts=variant(rows[place].facts, chance))
    with suppress(StoreCorrupt):
        codec.facts(rows[place])
    try:
        records.record_of(Loaded("", len(rows), None, None, rows), own, known.plans[own])
    except StoreCorrupt:
        return


# What comes from outside --------------------------------------------------------------------------------

STEPS = (
    *("a", "b", "c", "each", "kid", "go", "early", "nap", "block", "block.p", "block.q", "tidy"),
    *("each[0]", "each[99999999999]", "each[-1]", "each[", "[]", "undo[0]", "undo[x]", "finally"),
    *("last.tidy", "", ".", "block.", "x" * 3000, "\x00", "\ud800", 5, None, [], {}),
)
KINDS = ("result", "signal", "cancel", "ended", "slot", "retry", "", "rubbish", "\x00")
ERRORS = (
    *(None, None, {"type": "X", "message": "m"}, {"type": 5}, {"message": None}, [], "text", 5),
    *({}, {"type": {"a": 1}, "message": [1]}, {"type": "\x1b[2J", "message": "m" * 90_000}),
)


def a_body(chance):
    """Return the body of a message, nearly as it should be or not at all."""
    number = chance.choice([0, 0, 0, 1, None, -1, 2**70, "0", 1.5, []])
    body = chance.choice(
        [
            {
                "step": chance.choice(STEPS),
                "run_id": number,
                "output": chance.choice([{"n": 1}, {}, None, [], 5, "x", {"n": {"n": [1]}}]),
                "error": chance.choice(ERRORS),
                "delivery": chance.choice([None, 1, 0, -1, 2**70, "x"]),
            },
            {
                "name": chance.choice(["go", "first", "", 5, None, "nope"]),
                "data": chance.choice([None, {}, {"n": 1}, [1], "x" * 100]),
                "key": chance.choice([None, "k", 5, {}, []]),
                "id": chance.choice(["", None, "one", "two", 5]),
            },
            {"key": chance.choice(["one", "narrow", "", None, 5, {}])},
            *({}, None, [], 5, "text"),
        ]
    )
    body = copy.deepcopy(body)
    return body if chance.randint(0, 2) else changed(body, chance)


def messages(seed):
    """Whatever waits in the inbox of a run, it comes to its end, and all of it can be read afterwards."""
    chance = seeded(seed)
    name = chance.choice(sorted(FLOWS))
    spec = a_spec_of(name)
    clock = FakeClock()
    store = InMemoryStore(clock=clock)
    backend = Backend(store, InProcessRunner())
    key = backend.create(spec, INPUTS, execution_id="x")
    for half in range(6):
        backend.step(key)
        for job in backend.take_pending_jobs(100):
            driving.answer(backend, job)
        for number in range(chance.randint(0, 2)):
            body = a_body(chance)
            store.put(Message("x", f"{half}-{number}", chance.choice(KINDS), body))
    driving.finish(backend, clock, [key])
    record = backend.load(key)
    backend.explain(key)
    for row in backend.history(key):
        codec.facts(row)
    records.record_from(records.record_text(record), record.plan)


# What authors write -------------------------------------------------------------------------------------


@cache
def a_spec_of(name):
    flow = FLOWS[name]
    return from_data(
        {"name": name, **{k: v for k, v in flow.items() if k not in ("asks", "halves")}}
    )


def readable(error):
    """Ask for the words of an error: to make them must not fail either."""
    assert str(error)


@cache
def texts():
    """Return the texts of sound files."""
    found = [json.dumps(a_spec_of(name).data) for name in sorted(FLOWS)]
    return [*found, *[path.read_text() for path in sorted(PATTERNS.glob("*.yaml"))]]


def spec_bytes(seed):
    """Any bytes are a list of problems, or a file without errors."""
    chance = seeded(seed)
    text = chance.choice(texts())
    data = mangled(text, chance).encode("utf-8", "surrogateescape")
    for problem in check_text(data):
        assert str(problem)


def spec_data(seed):
    """Any data is a Spec or a SpecError, and of a Spec at least the first step can be made."""
    chance = seeded(seed)
    data = copy.deepcopy(a_spec_of(chance.choice(sorted(FLOWS))).data)
    data = changed(data, chance)
    if not chance.randint(0, 3):
        data = odd(data, chance)
    try:
        spec = from_data(data)
    except SpecError as error:
        readable(error)
        return
    assert isinstance(spec, Spec)
    backend = Backend()
    try:
        key = backend.create(spec, INPUTS)
    except SpecError:
        return
    backend.step(key)
    backend.explain(key)


def an_expression(seed):
    """Logic has a value or is an ExpressionError, within its budget."""
    chance = seeded(seed)
    try:
        expressions.evaluate(logic(chance, chance.randint(1, 7)), DATA)
    except ExpressionError as error:
        readable(error)


def a_template(seed):
    """So has a template."""
    chance = seeded(seed)
    value = changed({"deep": [logic(chance, 4)], "other": logic(chance, 3)}, chance)
    try:
        expressions.template(value)(DATA)
    except ExpressionError as error:
        readable(error)


TARGETS = {
    target.__name__: target
    for target in (
        a_record,
        a_row_of_facts,
        messages,
        spec_bytes,
        spec_data,
        an_expression,
        a_template,
    )
}
