"""What can be said of a step, or done to it, and what has to come of that whatever its body is.

Each function here makes cases of a body. The step is ``s``; other steps are there to see what it does to them.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from runfox.graph import CancelAsked, PauseAsked, RerunAsked, RetryAsked, SkipAsked
from runfox.values import Json
from tests.properties.bodies import Body
from tests.properties.world import Poke, Script


@dataclass(frozen=True)
class Case:
    """One step with something said of it, and what has to come of it.

    ``step`` are keys of it, ``others`` the steps beside it, ``file`` what is said of all of them. ``ends`` is how
    the list of steps ends: complete, failed, halted, cancelled, or undone. ``statuses`` are those of steps at
    the end, ``error`` is the type of that of ``s``; ``attempts`` are those of ``s``, or of each item of it.
    """

    name: str
    step: dict[str, Any] = field(default_factory=dict)
    others: tuple[dict[str, Any], ...] = ()
    file: dict[str, Any] = field(default_factory=dict)
    script: Script = field(default_factory=Script)
    statuses: dict[str, str] = field(default_factory=dict)
    ends: str = "complete"
    error: str | None = None
    attempts: int | None = None
    only: tuple[str, ...] = ()
    """The places that it makes sense in; all if there are none."""


Cases = Iterator[Case]
FAILS = {"s": ("fail",)}
DONE, FAILED, SKIPPED, GONE = "complete", "failed", "skipped", "cancelled"


def var(path: str) -> Json:
    return {"var": path}


def after(wanted: str = "complete", step: str = "s", name: str | None = None) -> dict[str, Any]:
    """A step that waits for another to end in some way."""
    needs: Json = step if wanted == "complete" else {step: wanted}
    return {"id": name or f"on_{wanted}", "depends_on": [needs]}


ONE = ("top", "do", "call")
"""Where there is one of the step, not one for each item."""
ENDS = ("complete", "failed", "skipped", "ended")


# Gates ------------------------------------------------------------------------------------------------


def plain(body: Body) -> Cases:
    yield Case("plain", others=(after(),), statuses={"s": DONE, "on_complete": DONE}, attempts=1)
    yield Case(
        "it fails",
        dict(body.failing),
        (after(),),
        script=Script(FAILS),
        statuses={"s": FAILED, "on_complete": SKIPPED},
        ends=FAILED,
        error=body.error,
    )


def dependencies(body: Body) -> Cases:
    """Each end of the step, and which of those that wait for an end run."""
    runs = {
        DONE: ("complete", "ended"),
        FAILED: ("failed", "ended"),
        SKIPPED: ("skipped", "ended"),
        GONE: ("skipped", "ended"),
    }
    others = tuple(after(wanted) for wanted in ENDS)
    ways: dict[str, tuple[dict[str, Any], Script, tuple[dict[str, Any], ...]]] = {
        DONE: ({}, Script(), ()),
        FAILED: (dict(body.failing), Script(FAILS), ()),
        SKIPPED: ({"when": {"==": [var("workflow.status"), "nothing"]}}, Script(), ()),
        GONE: (
            {},
            Script({"s": ("late",)}),
            ({"id": "c", "branch": [{"action": {"cancel": "s"}}]},),
        ),
    }
    for end, (keys, script, more) in ways.items():
        found = {f"on_{one}": DONE if one in runs[end] else SKIPPED for one in ENDS}
        yield Case(
            f"dependents of a {end} one",
            keys,
            (*more, *others),
            script=script,
            statuses={"s": end, **found},
        )


def joins(body: Body) -> Cases:
    late = Script({"s": ("late",)})
    for name, join, of_s in (
        ("any", "any", DONE),
        ("1", 1, DONE),
        ("rest ignore", {"need": 1, "rest": "ignore"}, DONE),
        ("rest wait", {"need": 1, "rest": "wait"}, DONE),
        ("rest cancel", {"need": 1, "rest": "cancel"}, GONE),
        ("2", 2, DONE),
        ("all", "all", DONE),
    ):
        j = {"id": "j", "depends_on": ["a", "s"], "join": join}
        yield Case(
            f"join {name} of it",
            others=({"id": "a"}, j),
            script=late,
            statuses={"s": of_s, "a": DONE, "j": DONE},
        )
    some = {"id": "j", "depends_on": ["a", "s"], "join": "any"}
    yield Case(
        "join any that can do without it",
        dict(body.failing),
        ({"id": "a", "depends_on": ["b"]}, {"id": "b"}, some),
        script=Script({**FAILS, "b": ("late",)}),
        statuses={"s": FAILED, "a": DONE, "j": DONE},
    )
    all_ = {"id": "j", "depends_on": ["a", "s"], "join": 2}
    yield Case(
        "join 2 that cannot do without it",
        dict(body.failing),
        ({"id": "a", "depends_on": ["b"]}, {"id": "b"}, all_),
        script=Script({**FAILS, "b": ("never",)}),
        statuses={"s": FAILED, "b": GONE},
        ends=FAILED,
    )
    for join, status in (("any", DONE), (2, SKIPPED), ({"need": 1, "rest": "wait"}, DONE)):
        yield Case(
            f"it has join {join}",
            {"depends_on": ["a", "b"], "join": join},
            ({"id": "a"}, {"id": "b", "when": {"==": [var("workflow.status"), "nothing"]}}),
            statuses={"s": status, "a": DONE, "b": SKIPPED},
        )


def conditions(body: Body) -> Cases:
    for name, when, status, ends in (
        ("true", {"==": [var("steps.a.status"), "complete"]}, DONE, DONE),
        ("false", {"==": [var("steps.a.status"), "failed"]}, SKIPPED, DONE),
        ("an error", {">": [var("steps.a.output.none"), 1]}, FAILED, FAILED),
    ):
        yield Case(
            f"when is {name}",
            {"when": when, "depends_on": ["a"], "retry": {"max_attempts": 3}},
            ({"id": "a"},),
            statuses={"s": status},
            ends=ends,
            error="ExpressionError" if status == FAILED else None,
            attempts={DONE: 1, SKIPPED: 0, FAILED: 0}[status] if not body.items else None,
        )


# Failures ---------------------------------------------------------------------------------------------


def retries(body: Body) -> Cases:
    again = {"retry": {"max_attempts": 2, "delay": 1}}
    listed = [{"max_attempts": 1, "if": {"==": [var("error.type"), "Other"]}}, {"max_attempts": 2}]
    for name, keys in (
        ("retry", again),
        ("max_attempts", {"max_attempts": 2}),
        ("a list of retries", {"retry": listed}),
        ("retry within a time", {"retry": {"max_attempts": 2, "delay": 1, "within": "1h"}}),
    ):
        if body.recovers:
            yield Case(
                f"{name} then ok",
                keys | body.failing,
                (after(),),
                script=Script({"s": ("fail", "ok")}),
                statuses={"s": DONE, "on_complete": DONE},
                attempts=2,
            )
        yield Case(
            f"{name} exhausted",
            keys | body.failing,
            (after(),),
            script=Script(FAILS),
            statuses={"s": FAILED, "on_complete": SKIPPED},
            ends=FAILED,
            error=body.error,
            attempts=2,
        )
    for name, keys in (
        ("none", {"retry": "none"}),
        ("too late", {"retry": {"max_attempts": 5, "delay": 10, "within": 5}}),
        ("not for this", {"retry": {"if": {"==": [var("error.type"), "Other"]}}}),
    ):
        yield Case(
            f"retry {name}",
            keys | body.failing,
            script=Script(FAILS),
            statuses={"s": FAILED},
            ends=FAILED,
            attempts=1,
        )


def timeouts(body: Body) -> Cases:
    never = Script({"s": ("never",)})
    total = {"timeout": {"total": 5}}
    failed: dict[str, Any] = {"statuses": {"s": FAILED}, "ends": FAILED, "error": "Timeout"}
    yield Case("timeout total", total, script=never, **failed)
    yield Case("timeout total in time", {"timeout": {"total": "1h"}}, statuses={"s": DONE})
    again = {"retry": {"max_attempts": 50, "delay": 2, "backoff": 1}}
    if body.recovers:
        yield Case(
            "timeout total over retries",
            total | again | body.failing,
            script=Script(FAILS),
            **failed,
        )
    handled = {
        "branch": [{"condition": {"==": [var("error.type"), "Timeout"]}, "action": "complete"}]
    }
    yield Case("timeout total handled", total | handled, script=never, statuses={"s": DONE})
    if "fn" not in body.keys:
        for name, times in (("", 1), (" and retry", 2)):
            keys = {"timeout": {"attempt": 5}, "retry": {"max_attempts": times, "delay": 1}}
            yield Case(
                f"timeout attempt{name}",
                keys,
                script=never,
                statuses={"s": FAILED},
                ends=FAILED,
                error="ItemsFailed" if body.items else "Timeout",
                attempts=times,
            )
    if body.told:
        yield Case(
            "timeout of the run",
            file={"timeout": 5},
            script=never,
            statuses={"s": GONE},
            ends=FAILED,
        )


def failures(body: Body) -> Cases:
    beside = ({"id": "u"}, {"id": "v", "depends_on": ["u"]})
    script = Script({**FAILS, "u": ("late",)})
    failing = dict(body.failing)
    yield Case(
        "on_failure fail",
        failing,
        beside,
        {"on_failure": "fail"},
        script,
        {"s": FAILED, "u": GONE, "v": "ready"},
        ends=FAILED,
    )
    yield Case(
        "on_failure continue",
        failing,
        (*beside, after()),
        {"on_failure": "continue"},
        script,
        {"s": FAILED, "u": DONE, "v": DONE, "on_complete": SKIPPED},
        ends=FAILED,
    )
    yield Case(
        "on_failure rollback of what was done before",
        failing | {"depends_on": ["a"]},
        ({"id": "a", "undo": {"fn": "take_back", "input": {"n": var("output.n")}}},),
        {"on_failure": "rollback"},
        Script(FAILS),
        {"s": FAILED, "a": "undone"},
        ends="undone",
    )


def undoing(body: Body) -> Cases:
    undo = {
        "undo": {"fn": "take_back", "input": {"out": var("output")}, "retry": {"max_attempts": 2}}
    }
    bad = {"id": "t", "depends_on": ["s"]}
    rollback = {"on_failure": "rollback"}
    own = DONE if body.items else "undone"
    for name, answers, status in (
        ("undone", ("ok",), own),
        ("undone at the second try", ("fail", "ok"), own),
        ("not undone", ("fail",), DONE),
    ):
        yield Case(
            name,
            undo,
            (bad,),
            rollback,
            Script({"t": ("fail",), "undo": answers}),
            {"s": status, "t": FAILED},
            ends="undone",
        )
    late = Script({"t": ("fail",), "s": ("late",)})
    if body.name == "fn":
        apart = {"id": "t"}
        yield Case(
            "drained, then undone", undo, (apart,), rollback, late, {"s": own}, ends="undone"
        )
        cancels = {"id": "c", "branch": [{"action": {"cancel": "s"}}]}
        yield Case(
            "cancelled, then undone",
            undo,
            (cancels, {"id": "t", "depends_on": [{"s": "skipped"}]}),
            rollback,
            late,
            {"s": own, "t": FAILED},
            ends="undone",
        )
    asked = {"branch": [{"action": {"rollback": True}}]}
    yield Case("a rollback that it asks for", undo | asked, statuses={"s": own}, ends="undone")


# Branches ---------------------------------------------------------------------------------------------


def branches(body: Body) -> Cases:
    beside = ({"id": "u"}, {"id": "v", "depends_on": ["u"]})
    for ok in (True, False):
        keys: dict[str, Any] = {} if ok else dict(body.failing)
        answers = {"s": ("ok" if ok else "fail",), "u": ("late",)}
        word = "a success" if ok else "a failure"

        def case(
            name: str,
            action: Json,
            statuses: dict[str, str],
            ends: str = DONE,
            *,
            word: str = word,
            keys: dict[str, Any] = keys,
            answers: dict[str, tuple[str, ...]] = answers,
            **more: Any,
        ) -> Case:
            branch = action if isinstance(action, list) else [{"action": action}]
            given = more.pop("others", beside)
            return Case(
                f"{name} after {word}",
                keys | {"branch": branch} | more.pop("step", {}),
                given,
                script=Script(answers | more.pop("answers", {})),
                statuses=statuses,
                ends=ends,
                **more,
            )

        yield case("complete", "complete", {"s": DONE, "u": DONE, "v": DONE})
        yield case("fail", "fail", {"s": FAILED, "u": GONE}, FAILED, error="BranchFailed")
        yield case("halt", "halt", {"s": "halted", "u": GONE, "v": "ready"}, "halted")
        yield case("finish", "finish", {"s": DONE, "u": GONE, "v": "ready"})
        yield case("cancel", {"cancel": ["u"]}, {"s": DONE, "u": GONE, "v": SKIPPED})
        yield case("rollback", {"rollback": True}, {"s": DONE}, "undone")
        again = [
            {"condition": {"<": [var("steps.a.output.n"), 3]}, "action": {"set": "a"}},
            {"action": "complete"},
        ]
        yield case(
            "set of an earlier step",
            again,
            {"s": DONE, "a": DONE, "on_complete": DONE},
            step={"depends_on": ["a"]},
            others=({"id": "a"}, after()),
        )
        yield case(
            "set without end",
            [{"condition": {"<": [var("steps.a.output.n"), 99]}, "action": {"set": "a"}}, again[1]],
            {"s": FAILED, "a": DONE},
            FAILED,
            step={"depends_on": ["a"], "max_iterations": 2},
            others=({"id": "a"},),
            error="MaxIterations",
        )
        if not body.waits and ok and not body.items:
            yield case(
                "set of itself",
                [{"condition": {"<": [var("output.n"), 3]}, "action": {"set": "s"}}, again[1]],
                {"s": DONE, "u": DONE},
            )
    if not body.waits and not body.items and body.name == "fn":
        not_ok = Script({"s": ("not_ok",)})
        yield Case(
            "a spent ok: false completes",
            {"max_attempts": 2},
            script=not_ok,
            statuses={"s": DONE},
            attempts=2,
        )


# Limits, caches, schemas ------------------------------------------------------------------------------


def limits(body: Body) -> Cases:
    def limit(full: str, **keys: Json) -> dict[str, Any]:
        return {"limit": {"key": "k", "max": 1, "full": full} | keys}

    per_item = "ItemsFailed" if body.items else "LimitFull"
    for full in ("wait", "skip", "fail", "replace"):
        free = limit(full, max=2) if body.items else limit(full)
        yield Case(f"limit with places free, else {full}", free, statuses={"s": DONE}, only=ONE)
    taken = {"k": 1}
    yield Case(
        "limit full, wait",
        limit("wait"),
        (after(),),
        script=Script(taken=taken),
        statuses={"s": DONE, "on_complete": DONE},
    )
    yield Case(
        "limit full, replace", limit("replace"), script=Script(taken=taken), statuses={"s": DONE}
    )
    yield Case(
        "limit full, skip",
        limit("skip"),
        script=Script(taken=taken),
        statuses={"s": DONE if body.items else SKIPPED},
    )
    yield Case(
        "limit full, fail",
        limit("fail"),
        script=Script(taken=taken),
        statuses={"s": FAILED},
        ends=FAILED,
        error=per_item,
    )
    rate = {"limit": {"key": "k", "rate": "1/7s"}}
    yield Case("rate full", rate, script=Script(rates={"k": 7}), statuses={"s": DONE})
    yield Case(
        "limit full, wait, and a total timeout",
        limit("wait") | {"timeout": {"total": 5}},
        script=Script({"s": ("never",)}, taken={}),
        statuses={"s": FAILED},
        ends=FAILED,
        error="Timeout",
    )
    yield Case(
        "limit and retry",
        limit("wait", max=1) | {"retry": {"max_attempts": 2}} | body.failing,
        script=Script({"s": ("fail", "ok")}) if body.recovers else Script(),
        statuses={"s": DONE if body.recovers else FAILED},
        ends=DONE if body.recovers else FAILED,
    )
    yield Case("limit of the run", {}, file={"limit": {"key": "r", "max": 2}}, statuses={"s": DONE})


def caches(body: Body) -> Cases:
    cache = {"cache": {"key": "k", "for": "1h"}}
    yield Case(
        "cache missed", cache, statuses={"s": DONE}, attempts=None if body.items else 1, only=ONE
    )
    found: Json = {"n": 7}
    yield Case(
        "cache hit",
        cache,
        (after(),),
        script=Script({"s": ("never",)}, cached=found),
        statuses={"s": DONE, "on_complete": DONE},
        attempts=0,
    )
    yield Case(
        "cache missed after a failure",
        cache | body.failing,
        script=Script(FAILS),
        statuses={"s": FAILED},
        ends=FAILED,
    )
    branch = {"branch": [{"action": {"cancel": ["u"]}}]}
    if not body.items:
        yield Case(
            "cache hit that a branch judges",
            cache | branch,
            ({"id": "u"},),
            script=Script({"u": ("late",)}, cached=found),
            statuses={"s": DONE, "u": GONE},
        )


def schemas(body: Body) -> Cases:
    yield Case("output fits", {"output": body.fits}, statuses={"s": DONE})
    bad = "ItemsFailed" if body.items else "OutputInvalid"
    yield Case(
        "output does not fit",
        {"output": body.misfits},
        statuses={"s": FAILED},
        ends=FAILED,
        error=bad,
        attempts=1,
    )
    yield Case(
        "output does not fit, retried",
        {"output": body.misfits, "max_attempts": 3},
        statuses={"s": FAILED},
        ends=FAILED,
        error=bad,
        attempts=3,
    )
    if not body.waits:
        yield Case(
            "output fits at last",
            {"output": body.fits, "max_attempts": 2},
            script=Script({"s": ("bad", "ok")}),
            statuses={"s": DONE},
            attempts=2,
        )
        if not body.items:
            state = {"state": {"n": {"type": "integer", "merge": "add", "default": 5}}}
            yield Case("state fits", {}, file=state, statuses={"s": DONE}, only=("top", "call"))
            yield Case(
                "state does not fit",
                {},
                file=state,
                script=Script({"s": ("bad",)}),
                statuses={"s": FAILED},
                ends=FAILED,
                error={"fn": "OutputInvalid", "call": "OutputInvalid", "do": "BlockFailed"}[
                    body.name
                ],
                only=ONE,
            )


def terms(body: Body) -> Cases:
    keys = {"priority": 9, "queue": "gpu", "timeout": {"queue": "1h", "heartbeat": 10}}
    inputs = {"input": {"a": {"secret": "name"}, "b": var("workflow.id")}}
    if body.name.endswith("fn"):
        yield Case("terms of its jobs", keys | inputs, statuses={"s": DONE})
    yield Case("priority and queue", {"priority": 0, "queue": "q"}, statuses={"s": DONE})


# The end, and operators -------------------------------------------------------------------------------


def endings(body: Body) -> Cases:
    last = {"finally": [{"id": "z", "input": {"how": var("workflow.status")}}]}
    yield Case("finally after a success", file=last, statuses={"s": DONE, "z": DONE})
    yield Case(
        "finally after a failure",
        dict(body.failing),
        file=last,
        script=Script(FAILS),
        statuses={"s": FAILED, "z": DONE},
        ends=FAILED,
    )
    yield Case(
        "finally that fails",
        file=last,
        script=Script({"z": ("fail",)}),
        statuses={"s": DONE, "z": FAILED},
    )
    halt = {"branch": [{"action": "halt"}]}
    yield Case(
        "finally after a halt", halt, file=last, statuses={"s": "halted", "z": DONE}, ends="halted"
    )


def in_finally(body: Body) -> Cases:
    """The step as part of ``finally``: it is run as anywhere, and what becomes of it changes no outcome."""
    first: tuple[dict[str, Any], ...] = ({"id": "a"},)
    for name, answers, keys, status in (
        ("ok", {}, {}, DONE),
        ("failing", FAILS, body.failing, FAILED),
        ("after a failure", {"a": ("fail",)}, {}, DONE),
    ):
        step = {"id": "s", **body.keys, **keys}
        ends = FAILED if "a" in answers else DONE
        yield Case(
            f"in finally, {name}",
            {},
            first,
            {"finally": [step]},
            Script(dict(answers)),
            {"s": status},
            ends,
            only=("top", "call"),
        )


def pauses(body: Body) -> Cases:
    late = {"s": ("late",)}
    paused = Poke("open", lambda _: PauseAsked())
    yield Case(
        "paused and resumed",
        {},
        (after(),),
        script=Script(late, pokes=(paused,)),
        statuses={"s": DONE, "on_complete": DONE},
    )
    yield Case(
        "paused while it fails",
        dict(body.failing),
        (after("failed"),),
        script=Script({"s": ("fail",)}, pokes=(paused,)),
        statuses={"s": FAILED, "on_failed": DONE},
    )
    again = {"retry": {"max_attempts": 2, "delay": 3}} | body.failing
    if body.recovers:
        yield Case(
            "paused while it is tried again",
            again,
            script=Script({"s": ("fail", "ok")}, pokes=(paused,)),
            statuses={"s": DONE},
            attempts=2,
        )


def operators(body: Body) -> Cases:
    never = {"s": ("never",)}
    yield Case(
        "skipped by an operator",
        {},
        (after("skipped"),),
        script=Script(never, pokes=(Poke("open", SkipAsked),)),
        statuses={"s": SKIPPED, "on_skipped": DONE},
    )
    yield Case(
        "completed by an operator",
        {},
        (after(),),
        script=Script(never, pokes=(Poke("open", lambda path: SkipAsked(path, {"n": 1})),)),
        statuses={"s": DONE, "on_complete": DONE},
    )
    yield Case(
        "cancelled by an operator",
        {},
        (after(),),
        script=Script(never, pokes=(Poke("open", lambda _: CancelAsked()),)),
        statuses={"s": GONE, "on_complete": "ready"},
        ends=GONE,
    )
    retry = (Poke("over", lambda _: RetryAsked()),)
    if body.recovers:
        yield Case(
            "retried by an operator",
            dict(body.failing),
            (after(),),
            script=Script({"s": ("until over",)}, pokes=retry),
            statuses={"s": DONE, "on_complete": DONE},
        )
    yield Case(
        "retried by an operator in vain",
        dict(body.failing),
        (after(),),
        script=Script(FAILS, pokes=retry),
        statuses={"s": FAILED, "on_complete": SKIPPED},
        ends=FAILED,
    )
    rerun = (Poke("over", lambda _: RerunAsked("s")),)
    yield Case(
        "rerun after a success",
        {},
        (after(),),
        script=Script(pokes=rerun),
        statuses={"s": DONE, "on_complete": DONE},
        only=("top",),
    )
    yield Case(
        "rerun after a failure",
        dict(body.failing),
        (after(),),
        script=Script(FAILS, pokes=rerun),
        statuses={"s": FAILED, "on_complete": SKIPPED},
        ends=FAILED,
        only=("top",),
    )
    if not body.waits:
        for place, path in (("top", "s"), ("do", "outer.s"), ("each", "outer[0].s")):
            for word, output, status in (("completed", {"n": 1}, DONE), ("skipped", None, SKIPPED)):
                skip = Poke("over", lambda _, path=path, output=output: SkipAsked(path, output))
                yield Case(
                    f"{word} after a failure, {place}",
                    {},
                    (after(), after("skipped")),
                    script=Script({"s": ("until over",)}, pokes=(skip,)),
                    statuses={
                        "s": status,
                        "on_complete": status,
                        "on_skipped": DONE if status == SKIPPED else SKIPPED,
                    },
                    only=(place,),
                )


MODIFIERS: tuple[Callable[[Body], Cases], ...] = (
    plain, dependencies, joins, conditions, retries, timeouts, failures, undoing, branches, limits, caches,
    schemas, terms, endings, in_finally, pauses, operators,
)  # fmt: skip
