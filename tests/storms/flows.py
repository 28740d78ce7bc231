"""Small workflows, one for each thing that may be going on when a process dies, and how each has to end."""

from types import SimpleNamespace

from tests.golden import driving

TURNS = 3
WIDTH = 4
LIST = [3, 5, 8]


def var(path):
    return {"var": path}


def add(step, *depends_on, n="input.n", **more):
    after = {"depends_on": list(depends_on)} if depends_on else {}
    return {"id": step, "fn": "add", "input": {"n": var(n)}, **after, **more}


def chain(*steps, **more):
    """Return steps that each add 1 to what the one before returned."""
    first, *others = steps
    pairs = zip(steps, others, strict=False)
    return [
        add(first, **more),
        *[add(step, before, n=f"steps.{before}.output.n", **more) for before, step in pairs],
    ]


def last(step="c"):
    return {"n": var(f"steps.{step}.output.n")}


EACH = {"items": var("input.list"), "as": "n", "max": 2}
TAKEN_BACK = {"undo": {"fn": "take_back", "input": {"n": var("output.n")}}}

FLOWS = {
    "chain": {"steps": chain("a", "b", "c"), "outputs": last()},
    "fan": {
        "steps": [
            add("root"),
            *[add(f"wide{place}", "root", n="steps.root.output.n") for place in range(WIDTH)],
            {
                "id": "join",
                "fn": "total",
                "depends_on": [f"wide{place}" for place in range(WIDTH)],
                "input": {"values": {"vars": "steps[*].output.n"}},
            },
        ],
        "outputs": last("join"),
    },
    "loop": {
        "steps": [
            {
                "id": "turn",
                "input": {"turn": {"var": ["state.turn", 0]}},
                "branch": [
                    {"condition": {"<": [var("turn"), TURNS]}, "action": {"set": "turn"}},
                    {"condition": True, "action": "complete"},
                ],
            },
            add("after", "turn", n="state.turn"),
        ],
        "outputs": last("after"),
    },
    "flaky": {
        "steps": [
            add("a"),
            {
                "id": "b",
                "fn": "thrice",
                "depends_on": ["a"],
                "input": {"n": var("steps.a.output.n")},
                "retry": {"max_attempts": 3, "delay": "50ms", "backoff": 2},
            },
            add("c", "b", n="steps.b.output.n"),
        ],
        "outputs": last(),
    },
    "nap": {
        "steps": [
            add("a"),
            {"id": "b", "depends_on": ["a"], "wait": {"for": "200ms"}},
            add("c", "b", n="steps.a.output.n"),
        ],
        "outputs": last(),
    },
    "ask": {
        "steps": [
            add("a"),
            {"id": "b", "depends_on": ["a"], "wait": {"signal": "go"}},
            add("c", "b", n="steps.b.output.data.n"),
        ],
        "outputs": last(),
    },
    "family": {
        "workflows": {"child": {"steps": chain("a", "b"), "outputs": last("b")}},
        "steps": [
            {"id": "many", "foreach": EACH, "call": "child", "input": {"n": var("n")}},
            {
                "id": "c",
                "fn": "total",
                "depends_on": ["many"],
                "input": {"values": {"vars": "steps.many.output[*].n"}},
            },
        ],
        "outputs": last(),
    },
    "each": {
        "steps": [
            {"id": "many", "fn": "add", "foreach": EACH, "input": {"n": var("n")}},
            {
                "id": "c",
                "fn": "total",
                "depends_on": ["many"],
                "input": {"values": {"vars": "steps.many.output[*].n"}},
            },
        ],
        "outputs": last(),
    },
    "lane": {
        "steps": chain("a", "b", "c", limit={"key": "lane", "max": 2, "full": "wait"}),
        "outputs": last(),
    },
    "undo": {
        "on_failure": "rollback",
        "steps": [
            add("a", **TAKEN_BACK),
            add("b", "a", n="steps.a.output.n", **TAKEN_BACK),
            {"id": "c", "fn": "breaks", "depends_on": ["b"]},
        ],
    },
    "stop": {"steps": chain("a", "b", "c", "d", "e"), "outputs": last("e")},
    "mend": {
        "steps": [add("a"), add("b", "a", n="steps.a.output.n", fn="mended"), add("c", "b")],
        "outputs": last(),
    },
}


def inputs(number):
    return {"n": number, "list": LIST}


def ends(kind, number):
    """Return how a run may have ended, as (status, what it says)."""
    n = {
        "fan": (number + 1) + WIDTH * (number + 2),
        "loop": TURNS + 1,
        "nap": number + 2,
        "ask": number + 1,
        "family": sum(LIST) + 2 * len(LIST),
        "each": sum(LIST) + len(LIST),
        "stop": number + 5,
        "mend": number + 1,
    }.get(kind, number + 3)
    match kind:
        case "undo":
            return [("failed", ["b", "a"])]
        case "stop":
            return [("complete", {"n": n}), ("cancelled", None)]
        case _:
            return [("complete", {"n": n})]


def said(record):
    """Return what a run says at its end, in the words of ``ends``."""
    if record.error is not None:
        return record.error.get("rolled_back", record.error)
    return record.outcome


class Broken(Exception):
    """What executors here raise."""


def answer(fn, inputs, context, folder):
    """Return what a step answers: it depends on its inputs, and on what is in the folder, alone."""
    match fn:
        case "add":
            return {"n": inputs["n"] + 1}
        case "total":
            return {"n": sum(n for n in inputs["values"] if n is not None)}
        case "turn":
            return {"turn": inputs["turn"] + 1}
        case "thrice" if context.attempt < 3:
            raise Broken("not yet")
        case "thrice":
            return {"n": inputs["n"] + 1}
        case "mended" if not (folder / f"mended-{own_id(context)}").exists():
            raise Broken("nobody has mended it")
        case "mended":
            return {"n": inputs["n"]}
        case "breaks":
            raise Broken("it always breaks")
        case "take_back":
            return {}
    return old_answer(fn, inputs, context)


def own_id(context):
    return context.workflow_execution_id.rpartition("#")[2]


def old_answer(fn, inputs, context):
    """Answer for a run that was in the database before the storm."""
    turn = int(context.idempotency_key.rpartition("#")[2])
    job = SimpleNamespace(fn=fn, inputs=inputs, attempt=context.attempt, turn=turn)
    return driving.execute(job)
