"""Random workflows of the whole language, and random things that happen to them.

Names lead somewhere, or nothing could be built; beyond that not all of it makes sense, as the graph must hold
whatever it is given. What could go on for ever is bounded, so that every execution here has an end.
"""

from typing import Any, NamedTuple

from hypothesis import strategies as st

from runfox.graph import (
    CancelAsked,
    Event,
    PauseAsked,
    RerunAsked,
    ResumeAsked,
    RetryAsked,
    SkipAsked,
)
from runfox.values import Json
from tests.properties import specs
from tests.properties.specs import var

NAMES = ("a", "b", "c", "d")
INNER = ("p", "q")
WANTED = st.sampled_from(["complete", "complete", "failed", "skipped", "ended"])
KEYS = st.sampled_from(["k", "m"])


def rarely(strategy: st.SearchStrategy[Any], *, out_of: int = 5) -> st.SearchStrategy[Any]:
    """Nothing, but for one time in so many."""
    return st.integers(1, out_of).flatmap(
        lambda number: strategy if number == out_of else st.none()
    )


@st.composite
def gates(draw: st.DrawFn, before: tuple[str, ...]) -> dict[str, Json]:
    """``depends_on``, and perhaps a join that can be met."""
    if not before or draw(st.integers(0, 3)) == 0:
        return {}
    names = draw(st.lists(st.sampled_from(before), unique=True, min_size=1, max_size=3))
    found: dict[str, Json] = {"depends_on": [{name: draw(WANTED)} for name in names]}
    need = st.integers(1, len(names))
    rest = st.sampled_from(["wait", "cancel", "ignore"])
    join = draw(
        rarely(
            st.just("any") | need | st.fixed_dictionaries({"need": need, "rest": rest}), out_of=2
        )
    )
    return found if join is None else found | {"join": join}


def actions(names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Json]]:
    several = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    return specs.actions(names) | st.one_of(
        several.map(lambda found: {"action": {"cancel": found}}),
        st.just({"action": {"rollback": True}}),
    )


def branches(names: tuple[str, ...]) -> st.SearchStrategy[list[Json]]:
    return st.lists(
        st.tuples(specs.conditions(names), actions(names)).map(
            lambda both: {"condition": both[0], **both[1]}
        ),
        min_size=1,
        max_size=2,
    )


WAITS = st.one_of(
    st.sampled_from([{"for": 3}, {"for": 0}, {"until": 1}, {"for": {"var": "state.n"}}]),
    st.sampled_from([{"signal": "go"}, {"signal": "go", "buffer": False}]),
    st.just([{"signal": "go"}, {"for": 4}]),
)
FOREACH = st.fixed_dictionaries(
    {"items": st.sampled_from([[], [1], [1, 2, 3], [0] * 5, var("state.items")])},
    optional={
        "max": st.integers(1, 2),
        "need": st.integers(1, 2),
        "rest": st.sampled_from(["wait", "cancel", "ignore"]),
        "until": st.just({"==": [var("results.0.n"), 1]}),
    },
) | st.fixed_dictionaries(
    {"items": st.just([1])},
    optional={
        "tolerate": st.sampled_from([1, "50%"]),
        "more": st.just({"if": [{"==": [var("results.1"), None]}, [], [7]]}),
    },
)
LIMITS = st.fixed_dictionaries(
    {"key": KEYS, "max": st.integers(1, 2)},
    optional={"full": st.sampled_from(["wait", "skip", "fail", "replace"])},
)
SCHEMAS = st.sampled_from([{"required": ["n"]}, {"properties": {"n": {"type": "integer"}}}])
TIMEOUTS = st.fixed_dictionaries(
    {}, optional={"total": st.sampled_from([2, 6]), "attempt": st.sampled_from([1, 5])}
).filter(bool)
UNDOS = st.fixed_dictionaries(
    {"fn": st.just("take_back")},
    optional={
        "input": st.sampled_from([{"x": var("output.n")}, {"x": {"+": [var("output.n"), 1]}}])
    },
)
MODIFIERS = {
    "when": (specs.conditions, 6),
    "branch": (branches, 3),
    "retry": (
        lambda _: st.fixed_dictionaries(
            {"max_attempts": st.integers(1, 3), "delay": st.integers(0, 1)}
        ),
        3,
    ),
    "timeout": (lambda _: TIMEOUTS, 5),
    "limit": (lambda _: LIMITS, 5),
    "cache": (lambda _: st.just({"key": "k"}), 8),
    "undo": (lambda _: UNDOS, 3),
    "output": (lambda _: SCHEMAS, 6),
    "input": (specs.inputs, 5),
}


@st.composite
def step_lists(
    draw: st.DrawFn, names: tuple[str, ...], *, depth: int, calls: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Steps of these names, some of them with steps inside."""
    steps = []
    for number, name in enumerate(names):
        step: dict[str, Any] = {"id": name, "max_iterations": draw(st.integers(1, 2))}
        step |= draw(gates(names[:number]))
        step |= draw(_bodies(depth, calls))
        for word, (strategy, out_of) in MODIFIERS.items():
            value = draw(rarely(strategy(names), out_of=out_of))
            if value is not None:
                step[word] = value
        if "limit" in step:
            # Whoever waits inside a step for the place that this has would wait for ever.
            step["limit"]["key"] += f"{depth}{len(names)}{names[0]}"
        steps.append(step)
    return steps


@st.composite
def _bodies(draw: st.DrawFn, depth: int, calls: tuple[str, ...]) -> dict[str, Json]:
    kinds = ["fn", "fn", "wait", *(["do", "do"] if depth else []), *(["call"] if calls else [])]
    kind = draw(st.sampled_from(kinds))
    body: dict[str, Json] = {}
    if kind == "wait":
        body = {"wait": draw(WAITS)}
    elif kind == "call":
        body = {"call": draw(st.sampled_from(calls))}
        if draw(st.integers(0, 4)) == 0:
            body["detach"] = True
    elif kind == "do":
        inner = INNER[: draw(st.integers(1, 2))]
        body = {"do": draw(step_lists(inner, depth=depth - 1, calls=calls))}
        if draw(st.booleans()):
            body["outputs"] = {"n": var(f"steps.{inner[0]}.output.n")}
    foreach = draw(rarely(FOREACH, out_of=3))
    return body if foreach is None else body | {"foreach": foreach}


@st.composite
def files(draw: st.DrawFn) -> dict[str, Json]:
    """The data of a file with all that the language has."""
    called: dict[str, Json] = {
        "steps": draw(step_lists(NAMES[:2], depth=0, calls=())),
        "on_failure": draw(st.sampled_from(["fail", "continue", "rollback"])),
        "outputs": {"n": var("state.n")},
    }
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    data: dict[str, Json] = {
        "name": "whole",
        "workflows": {"called": called},
        "steps": draw(step_lists(names, depth=2, calls=("called",))),
        "on_failure": draw(st.sampled_from(["fail", "fail", "continue", "rollback"])),
    }
    optional = {
        "finally": step_lists(("y", "z"), depth=1, calls=("called",)),
        "timeout": st.sampled_from([3, 30]),
        "outputs": specs.OUTPUTS,
        "state": st.just({"n": {"type": "integer", "merge": "add", "default": 0}}),
    }
    for word, strategy in optional.items():
        value = draw(rarely(strategy, out_of=4))
        if value is not None:
            data[word] = value
    return data


class Happening(NamedTuple):
    """One thing that happens: ``kind`` says what, ``pick`` to whom, ``answer`` how."""

    kind: str
    pick: int
    answer: str


HAPPENINGS = st.lists(
    st.builds(
        Happening,
        st.sampled_from(
            [
                "answer",
                "answer",
                "answer",
                "answers",
                "wake",
                "signal",
                "mail",
                "mail",
                "verb",
                "late",
                "second",
            ]
        ),
        st.integers(0, 30),
        st.sampled_from(["ok", "ok", "ok", "fail", "not_ok", "bad"]),
    ),
    max_size=14,
)


def verb(pick: int, path: str) -> Event:
    """Something that an operator may want of an execution, or of a step of it."""
    ways: list[Event] = [
        PauseAsked(),
        ResumeAsked(),
        ResumeAsked(),
        CancelAsked(),
        RetryAsked(),
        RetryAsked((path,)),
        RerunAsked(path),
        RerunAsked(path, {"x": 9}),
        SkipAsked(path),
        SkipAsked(path, {"n": 5}),
    ]
    return ways[pick % len(ways)]
