"""Random workflows of the language, and random things that happen to them. Not all pass the checker: the
graph must hold whatever it is given."""

from functools import cache
from typing import Any, NamedTuple

from hypothesis import strategies as st

from runfox.values import Json

NAMES = ("a", "b", "c", "d", "e", "f", "g")


def var(path: str) -> dict[str, Json]:
    return {"var": path}


@cache
def conditions(names: tuple[str, ...]) -> st.SearchStrategy[Json]:
    """Some hold, some do not, and some cannot be evaluated where a value is missing."""
    step = st.sampled_from(names)
    return st.one_of(
        st.sampled_from(
            [
                True,
                {"==": [var("ok"), False]},
                {"==": [var("error.type"), "Boom"]},
                {"==": [var("output.k"), 1]},
                {"==": [var("k"), 2]},
                {">": [var("state.n"), 1]},
                {">": [var("n"), 1]},
                {"<": [var("attempt"), 2]},
                var("flag"),
            ]
        ),
        step.map(lambda name: {"==": [var(f"steps.{name}.status"), "complete"]}),
        step.map(lambda name: {"==": [var(f"steps.{name}.attempts"), 1]}),
        step.map(lambda name: {"<": [var(f"steps.{name}.output.n"), 2]}),
    )


@cache
def inputs(names: tuple[str, ...]) -> st.SearchStrategy[Json]:
    step = st.sampled_from(names)
    return st.one_of(
        st.just({"x": 1}),
        st.just({"n": var("state.n"), "who": var("input.who"), "now": var("workflow.status")}),
        st.just({"n": {"+": [var("state.n"), 1]}}),
        st.just({"all": {"vars": "steps[*].output.k"}, "state": var("state")}),
        step.map(lambda name: {"deep": [{"n": var(f"steps.{name}.output.n")}]}),
        step.map(lambda name: {"why": var(f"steps.{name}.error.type")}),
    )


@cache
def targets(names: tuple[str, ...]) -> st.SearchStrategy[Json]:
    step = st.sampled_from(names)
    return st.one_of(
        step,
        step.map(lambda name: f"steps.{name}.status"),
        st.lists(step, min_size=1, max_size=2, unique=True),
        st.just(var("output.to")),
        st.tuples(step, step).map(lambda two: {"if": [var("flag"), *two]}),
    )


@cache
def actions(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Json]]:
    return st.one_of(
        targets(names).map(lambda to: {"action": {"set": to}}),
        targets(names).map(lambda to: {"action": {"set": to}}),
        st.just({"action": "complete"}),
        st.just({"action": "complete"}),
        st.sampled_from(
            [
                {"action": "finish"},
                {"action": "fail"},
                {"action": "fail", "result": {"type": "Bad", "message": var("state.n")}},
                {"action": "halt"},
                {"action": "halt", "result": {"n": var("state.n"), "why": var("error.type")}},
                {"action": "halt", "result": {"n": {"+": [var("state.n"), 1]}}},
            ]
        ),
    )


@cache
def branches(names: tuple[str, ...]) -> st.SearchStrategy[list[Json]]:
    return st.lists(
        st.builds(
            lambda condition, action: action | condition,
            st.none().map(lambda _: {}) | conditions(names).map(lambda held: {"condition": held}),
            actions(names),
        ),
        max_size=3,
    )


@cache
def needs(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    """Some of these steps, to depend on."""
    if not names:
        return st.just([])
    some = st.lists(st.sampled_from(names), unique=True, min_size=1, max_size=3)
    return some | some | st.just([])


RETRIES = st.one_of(
    st.just({}),
    st.integers(1, 3).map(lambda n: {"max_attempts": n}),
    st.fixed_dictionaries(
        {},
        optional={
            "max_attempts": st.integers(1, 4),
            "delay": st.sampled_from([0, 1, "250ms"]),
            "backoff": st.sampled_from([1, 2, 3.5]),
            "max_delay": st.sampled_from([1, 2]),
            "jitter": st.sampled_from([0.5, 1]),
            "if": st.sampled_from(
                [
                    {"==": [var("error.type"), "Boom"]},
                    {"!=": [var("error.type"), "NotOk"]},
                    {">": [var("state.n"), 1]},
                ]
            ),
        },
    ).map(lambda policy: {"retry": policy}),
)

OUTPUTS = st.sampled_from([None, None, {"n": var("state.n")}, {"n": {"+": [var("state.n"), 1]}}])


@st.composite
def workflows(draw: st.DrawFn, *, most: int = len(NAMES)) -> dict[str, Json]:
    """The data of a workflow, its steps in an order that says nothing."""
    names = NAMES[: draw(st.integers(1, most))]
    steps = []
    for number, name in enumerate(names):
        step: dict[str, Any] = {"id": name, "depends_on": draw(needs(names[:number]))}
        if draw(st.integers(0, 3)) == 0:
            step["input"] = draw(inputs(names))
        if draw(st.booleans()):
            step["branch"] = draw(branches(names))
            step["max_iterations"] = draw(st.integers(1, 3))
        steps.append(step | draw(RETRIES))
    data: dict[str, Json] = {"name": "random", "steps": draw(st.permutations(steps))}
    outputs = draw(OUTPUTS)
    return data if outputs is None else data | {"outputs": outputs}


class Answer(NamedTuple):
    """What somebody sends. ``kind``: an answer to a run in flight, one to an earlier attempt, a repeat of what
    was sent before, or one that nobody asked for."""

    kind: str
    pick: int
    run_id: int | None
    output: dict[str, Json] | None
    error: str


class Event(NamedTuple):
    """Time passes, then results arrive: in one commit, or one by one with no advance between them."""

    after: float
    together: bool
    answers: tuple[Answer, ...]


ANSWERS = st.builds(
    Answer,
    st.sampled_from(["answer", "answer", "answer", "answer", "late", "repeat", "stray"]),
    st.integers(0, 30),
    st.sampled_from([None, -1, 0, 0, 1, 1, 2, 3]),
    st.none()
    | st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers(0, 3),
            "k": st.integers(0, 2),
            "flag": st.booleans(),
            "ok": st.booleans(),
            "to": st.sampled_from([*NAMES, "nobody", ["a", "b"]]),
            "state": st.just("mine"),
        },
    ),
    st.sampled_from(["Boom", "Bang"]),
)

EVENTS = st.builds(
    Event,
    st.sampled_from([0, 0, 0.2, 1, 3]),
    st.booleans(),
    st.lists(ANSWERS, min_size=1, max_size=4).map(tuple),
)

STORIES = st.lists(EVENTS, max_size=12) | st.lists(EVENTS, min_size=6, max_size=12)
