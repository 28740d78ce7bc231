"""Workflows of which golden databases are made, those of the first format first.

Data of no more than YAML can say, and imported by ``write`` beside whatever tree is asked to write, so nothing
is imported here. A tree that does not know a flow's words leaves it out.

``halves``: after how many half rounds it is left alone, where not after the usual ones. ``asks``: what operators
and callers do, as (half round, name of the method of ``Backend``, arguments).
"""


def var(path):
    return {"var": path}


def chain(*ids):
    return [
        {"id": step, "fn": "work", **({"depends_on": [before]} if before else {})}
        for before, step in zip((None, *ids), ids, strict=False)
    ]


OK = {"condition": True, "action": "complete"}
GO = {"signal": "go"}

FIRST = {
    "chain": {"steps": chain("a", "b", "c"), "outputs": {"n": var("state.n")}},
    "diamond": {
        "labels": {"team": "shop"},
        "steps": [
            {"id": "a", "fn": "work", "input": {"n": var("input.n")}},
            {"id": "b", "fn": "work", "depends_on": ["a"], "input": {"n": var("steps.a.output.n")}},
            {
                "id": "c",
                "fn": "flaky",
                "depends_on": ["a"],
                "retry": {"max_attempts": 3, "delay": 5},
            },
            {"id": "d", "fn": "work", "depends_on": ["b", "c"]},
        ],
        "outputs": {"b": var("steps.b.output.n"), "c": var("steps.c.output.n")},
    },
    "poll": {
        "steps": [
            {
                "id": "ask",
                "fn": "poll",
                "branch": [
                    {"condition": {"!": [var("ready")]}, "action": {"set": "ask"}},
                    OK,
                ],
            },
            {"id": "after", "fn": "work", "depends_on": ["ask"]},
        ],
        "outputs": {"turns": var("steps.ask.output.turn")},
    },
    "fails": {"steps": [{"id": "a", "fn": "fails"}, {"id": "b", "depends_on": ["a"]}]},
    "handled": {
        "steps": [
            {
                "id": "a",
                "fn": "fails",
                "branch": [{"condition": {"==": [var("ok"), False]}, "action": "complete"}],
            },
            {"id": "b", "fn": "work", "depends_on": ["a"]},
        ],
        "outputs": {"error": var("steps.a.output.error.type")},
    },
    "halts": {
        "steps": [
            {
                "id": "a",
                "fn": "work",
                "branch": [{"condition": True, "action": "halt", "result": {"why": 1}}],
            },
            {"id": "b", "fn": "work"},
            {"id": "c", "fn": "work", "depends_on": ["a", "b"]},
        ]
    },
    "chosen": {
        "steps": [
            {"id": "a", "fn": "work"},
            {
                "id": "b",
                "fn": "work",
                "depends_on": ["a"],
                "branch": [
                    {
                        "condition": {">": [var("n"), 100]},
                        "action": "fail",
                        "result": {"type": "Large"},
                    },
                    OK,
                ],
            },
        ],
        "outputs": {"n": var("steps.b.output.n")},
    },
    "unicode": {
        "labels": {"k": "\u00e9\U0001f98a"},
        "steps": [{"id": "a", "fn": "work", "input": {"text": "\u2028\u202e'\";--\\"}}],
        "outputs": {"text": var("steps.a.output.text")},
    },
    "repeated": {
        "asks": [
            (4, "submit_work_result", ("a", {"other": 1}, 0)),
            (6, "submit_work_error", ("c", "Odd", "?", 7)),
        ],
        "steps": chain("a", "b", "c"),
        "outputs": {"n": var("state.n")},
    },
    "wide": {
        "halves": [3],
        "steps": [
            {"id": f"s{number}", "fn": "work", "input": {"n": number}} for number in range(70)
        ],
        "outputs": {"last": var("steps.s69.output.n")},
    },
}
"""What the first language could say."""

SECOND = {
    "blocks": {
        "on_failure": "continue",
        "steps": [
            {
                "id": "block",
                "do": [*chain("p", "q"), {"id": "r", "fn": "flaky", "depends_on": ["q"]}],
                "outputs": {"n": var("steps.q.output.n")},
                "retry": {"max_attempts": 2, "delay": 1},
            },
            {"id": "after", "fn": "work", "depends_on": [{"block": "ended"}]},
        ],
        "outputs": {"n": var("steps.after.output.n")},
    },
    "each": {
        "steps": [
            {
                "id": "each",
                "fn": "work",
                "foreach": {"items": [3, 2, 1], "as": "n", "max": 2},
                "input": {"n": var("n")},
                "retry": {"max_attempts": 2},
            },
            {"id": "last", "fn": "work", "depends_on": ["each"]},
        ],
        "outputs": {"each": {"vars": "steps.each.output[*].n"}},
    },
    "growing": {
        "steps": [
            {
                "id": "each",
                "fn": "work",
                "foreach": {
                    "items": [1],
                    "as": "n",
                    "more": {"if": [{"<": [{"count": [var("results")]}, 3]}, [7], []]},
                },
                "input": {"n": var("n")},
            }
        ],
        "outputs": {"each": {"vars": "steps.each.output[*].n"}},
    },
    "tolerant": {
        "steps": [
            {
                "id": "each",
                "fn": "odd",
                "foreach": {
                    "items": [1, 2, 3, 4],
                    "as": "n",
                    "tolerate": 2,
                    "need": 2,
                    "rest": "cancel",
                },
                "input": {"n": var("n")},
            }
        ],
        "outputs": {"each": var("steps.each.output")},
    },
    "calls": {
        "workflows": {
            "child": {
                "steps": [
                    {"id": "x", "fn": "work", "input": {"n": var("input.n")}},
                    {"id": "nap", "wait": {"for": 3}, "depends_on": ["x"]},
                ],
                "outputs": {"n": var("steps.x.output.n")},
            }
        },
        "steps": [
            {"id": "kid", "call": "child", "input": {"n": 4}},
            {"id": "gone", "call": "child", "input": {"n": 9}, "detach": True},
            {"id": "after", "fn": "work", "depends_on": ["kid", "gone"]},
        ],
        "outputs": {"n": var("steps.kid.output.n")},
    },
    "waits": {
        "timeout": "300d",
        "steps": [
            {"id": "nap", "wait": {"for": 10}},
            {
                "id": "early",
                "wait": [{"signal": "first", "data": {"type": "object"}}, {"for": "2d"}],
            },
            {"id": "go", "wait": GO, "depends_on": ["nap", "early"]},
        ],
        "outputs": {"data": var("steps.go.output.data")},
    },
    "told": {
        "asks": [(1, "signal", ("go", {"n": 1})), (3, "signal", ("go", {"n": 2}))],
        "steps": [
            {"id": "a", "fn": "work"},
            {"id": "go", "wait": GO, "depends_on": ["a"]},
            {"id": "late", "wait": {"for": "1h"}, "depends_on": ["go"]},
        ],
        "outputs": {"data": var("steps.go.output.data")},
    },
    "deaf": {
        "asks": [(0, "signal_later", ("go", {"n": 1}))],
        "steps": [
            {"id": "a", "fn": "work"},
            {
                "id": "go",
                "wait": [{"signal": "go", "buffer": False}, {"for": "1h"}],
                "depends_on": ["a"],
            },
        ],
    },
    "gates": {
        "on_failure": "continue",
        "steps": [
            {"id": "a", "fn": "work"},
            {"id": "b", "fn": "fails"},
            {"id": "slow", "fn": "work", "depends_on": ["a"]},
            {
                "id": "first",
                "fn": "work",
                "depends_on": ["a", "slow"],
                "join": {"need": 1, "rest": "cancel"},
            },
            {"id": "mend", "fn": "work", "depends_on": [{"b": "failed"}]},
            {"id": "no", "fn": "work", "when": False},
            {"id": "gone", "fn": "work", "depends_on": [{"no": "skipped"}]},
        ],
        "outputs": {"mended": var("steps.mend.output.ok")},
    },
    "cancels": {
        "steps": [
            {"id": "a", "fn": "work", "branch": [{"condition": True, "action": {"cancel": ["b"]}}]},
            {"id": "b", "wait": {"for": "9d"}},
            {"id": "c", "fn": "work", "depends_on": [{"b": "skipped"}]},
        ]
    },
    "rollback": {
        "on_failure": "rollback",
        "steps": [
            {"id": "a", "fn": "work", "undo": {"fn": "flaky", "retry": {"delay": 1}}},
            {
                "id": "b",
                "fn": "work",
                "depends_on": ["a"],
                "undo": {"fn": "work", "input": {"n": var("output.n")}},
            },
            {"id": "c", "fn": "fails", "depends_on": ["b"]},
        ],
        "finally": [{"id": "tidy", "fn": "work"}],
    },
    "not_undone": {
        "on_failure": "rollback",
        "steps": [
            {"id": "a", "fn": "work", "undo": {"fn": "fails", "retry": "none"}},
            {"id": "c", "fn": "fails", "depends_on": ["a"]},
        ],
    },
    "finishes": {
        "steps": [
            {"id": "a", "fn": "work", "branch": [{"condition": True, "action": "finish"}]},
            {"id": "b", "wait": {"for": "9d"}},
        ],
        "finally": [{"id": "tidy", "fn": "work"}],
        "outputs": {"n": var("steps.a.output.n")},
    },
    "cached": {
        "steps": [{"id": "a", "fn": "work", "cache": {"key": "k", "for": "90d"}}, *chain("b", "c")],
        "outputs": {"n": var("steps.a.output.n")},
    },
    "limited": {
        "steps": [
            {"id": "a", "fn": "work", "limit": {"key": "one", "max": 1}},
            {"id": "b", "fn": "work", "limit": {"key": "one", "max": 1}},
        ]
    },
    "narrow": {
        "limit": {"key": "narrow", "max": 1},
        "steps": chain("a", "b"),
        "outputs": {"n": var("state.n")},
    },
    "sums": {
        "state": {
            "n": {"type": "number", "default": 0, "merge": "add"},
            "ok": {"merge": "append", "default": []},
        },
        "steps": [{"id": "a", "fn": "work"}, {"id": "b", "fn": "work"}],
        "outputs": {"n": var("state.n"), "ok": var("state.ok")},
    },
    "bounded": {
        "priority": 8,
        "steps": [
            {
                "id": "a",
                "fn": "work",
                "queue": "large",
                "timeout": {"attempt": "40d", "queue": "50d", "heartbeat": "30d", "total": "90d"},
                "retry": [{"if": {"==": [var("error.type"), "Broken"]}, "max_attempts": 2}],
                "input": {"token": {"secret": "token"}, "n": 2},
            }
        ],
    },
    "paused": {
        "asks": [(1, "pause", ())],
        "steps": chain("a", "b"),
        "outputs": {"n": var("state.n")},
    },
    "went_on": {
        "asks": [(1, "pause", ()), (2, "resume", ())],
        "steps": chain("a", "b"),
        "outputs": {"n": var("state.n")},
    },
    "called_off": {
        "asks": [(2, "cancel", ())],
        "steps": chain("a", "b", "c", "d"),
        "finally": [{"id": "tidy", "fn": "work"}],
    },
    "tried_again": {
        "asks": [(4, "retry", ())],
        "steps": [
            {"id": "block", "do": [{"id": "p", "fn": "work"}, {"id": "q", "fn": "fails"}]},
            {"id": "b", "fn": "work", "depends_on": ["block"]},
        ],
    },
    "run_again": {
        "asks": [(4, "rerun", ("a",))],
        "steps": chain("a", "b"),
        "outputs": {"n": var("state.n")},
    },
    "left_out": {
        "asks": [(1, "skip", ("b",))],
        "steps": chain("a", "b", "c"),
        "outputs": {"n": var("state.n")},
    },
}
"""What the second language added."""

FLOWS = FIRST | SECOND

INPUTS = {"n": 1}
