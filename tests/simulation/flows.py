"""Small workflows that between them use everything a crash could spoil, and what is done to each from outside.

What their steps return depends on nothing but their inputs and the attempt, so that however a run went, it can be
compared with one that nothing happened to.
"""

from functools import cache
from typing import Any, NamedTuple

from runfox.spec import Spec, load

BEGIN = "2026-01-01T00:00:"


class Act(NamedTuple):
    """Something a caller does to its run, so many seconds after it was created: a verb of the backend.

    With ``when`` it is done as soon as the run has that status.
    """

    at: float
    verb: str
    arguments: tuple[Any, ...] = ()
    options: dict[str, Any] = {}
    when: str | None = None


class Flow(NamedTuple):
    """``ends`` are the statuses that a run may end with. ``alike``: every complete run has the same outcome.

    ``steady``: a run that nothing happens to always takes as many executions.

    ``many`` is how many runs of it share a simulation. ``limits`` are the keys of its limits, and how many may
    hold a place of each.
    """

    name: str
    text: str
    acts: tuple[Act, ...] = ()
    ends: tuple[str, ...] = ("complete",)
    alike: bool = True
    steady: bool = True
    many: int = 1
    limits: dict[str, int] = {}

    @property
    def spec(self) -> Spec:
        return spec_of(self.text)


@cache
def spec_of(text):
    return load(text)


def signal(at, data, *, id="", name="go", to=None, when=None):
    return Act(at, "signal", (name, data), {"id": id, "to": to}, when)


N = "input: {n: {var: steps.%s.output.n}}"
COLLECT = "outputs: {ns: {vars: 'steps[*].output.n'}}"

_FLOWS = (
    Flow(
        "chain",
        f"""
name: chain
steps:
  - id: a
  - {{id: b, depends_on: [a], {N % "a"}}}
  - {{id: c, depends_on: [b], {N % "b"}}}
outputs: {{n: {{var: steps.c.output.n}}}}
""",
        many=2,
    ),
    Flow(
        "fan",
        f"""
name: fan
steps:
  - id: a
  - {{id: b, depends_on: [a], {N % "a"}}}
  - {{id: c, depends_on: [a], fn: flaky, retry: {{max_attempts: 2, delay: 2}}}}
  - {{id: d, depends_on: [a], {N % "a"}}}
  - {{id: e, depends_on: [b, c, d], {N % "b"}}}
{COLLECT}
""",
    ),
    Flow(
        "first",
        """
name: first
steps:
  - id: a
  - id: b
  - id: c
  - {id: d, depends_on: [a, b, c], join: {need: 1, rest: cancel}}
outputs: {n: {var: steps.d.output.n}}
""",
        steady=False,
    ),
    Flow(
        "quorum",
        """
name: quorum
steps:
  - id: a
  - {id: b, fn: flaky, max_attempts: 2}
  - id: c
  - {id: d, depends_on: [a, b, c], join: {need: 2, rest: wait}}
outputs: {n: {var: steps.d.output.n}}
""",
    ),
    Flow(
        "loop",
        """
name: loop
state: {n: {type: number, default: 0}}
steps:
  - {id: a, input: {n: {var: state.n}}}
  - id: b
    depends_on: [a]
    input: {n: {var: state.n}}
    branch:
      - {condition: {"<": [{var: output.n}, 6]}, action: {set: a}}
      - {action: complete}
outputs: {n: {var: state.n}}
""",
    ),
    Flow(
        "retry",
        """
name: retry
steps:
  - {id: a, fn: flaky, retry: {max_attempts: 3, delay: 3}}
  - {id: b, fn: broken, retry: {max_attempts: 2, delay: 1}, branch: [{action: complete}]}
  - {id: c, depends_on: [a, b]}
outputs: {n: {var: steps.c.output.n}, b: {var: steps.b.output.error.type}}
""",
    ),
    Flow(
        "failing",
        """
name: failing
steps:
  - id: a
  - {id: b, fn: broken, depends_on: [a]}
  - {id: c, depends_on: [b]}
finally:
  - {id: z}
""",
        ends=("failed",),
    ),
    Flow(
        "timer",
        f"""
name: timer
steps:
  - id: a
  - {{id: w, depends_on: [a], wait: {{for: 7}}}}
  - {{id: u, wait: {{until: "{BEGIN}12Z"}}}}
  - {{id: b, depends_on: [w, u]}}
outputs: {{n: {{var: steps.b.output.n}}}}
""",
    ),
    Flow(
        "signals",
        """
name: signals
steps:
  - {id: v, wait: {signal: go}}
  - {id: w, depends_on: [v], wait: {signal: go}}
  - {id: a, depends_on: [w]}
outputs: {v: {var: steps.v.output.data}, w: {var: steps.w.output.data}, n: {var: steps.a.output.n}}
""",
        (
            signal(1, {"tag": "one"}, id="s1"),
            signal(2, {"tag": "one again"}, id="s1"),
            signal(6, {"tag": "two"}, id="s2"),
            signal(30, {"tag": "late"}, id="s3"),
        ),
    ),
    Flow(
        "nameless",
        """
name: nameless
steps:
  - {id: a}
  - {id: v, depends_on: [a], wait: {signal: go}}
  - {id: w, depends_on: [v], wait: {signal: go}}
  - {id: x, depends_on: [w], wait: {signal: go, for: 90}}
outputs: {v: {var: steps.v.output.data}, w: {var: steps.w.output.data}, x: {var: steps.x.output.data}}
""",
        (
            signal(2, {"tag": "one"}),
            signal(3, {"tag": "two"}),
            signal(5, {"tag": "three"}),
            # A caller that dies in the middle of one does not know, and leaves it: these are for its sake.
            signal(60, {"tag": "four"}),
            signal(61, {"tag": "five"}),
            signal(62, {"tag": "six"}),
        ),
        alike=False,
    ),
    Flow(
        "race",
        """
name: race
steps:
  - {id: w, wait: {signal: go, for: 8}}
  - {id: a, depends_on: [w]}
outputs: {n: {var: steps.a.output.n}}
""",
        (signal(7, {"tag": "one"}, id="s1"),),
    ),
    Flow(
        "call",
        """
name: call
workflows:
  inner:
    steps:
      - {id: x, input: {n: {var: input.n}}}
      - {id: y, depends_on: [x], input: {n: {var: steps.x.output.n}}}
    outputs: {n: {var: steps.y.output.n}}
steps:
  - id: a
  - {id: b, call: inner, depends_on: [a], input: {n: {var: steps.a.output.n}}}
  - {id: c, call: inner, depends_on: [a], input: {n: 7}}
  - {id: d, depends_on: [b, c], input: {n: {var: steps.b.output.n}}}
outputs: {n: {var: steps.d.output.n}, c: {var: steps.c.output.n}}
""",
    ),
    Flow(
        "child fails",
        """
name: child-fails
workflows:
  inner:
    steps: [{id: x, fn: broken}]
steps:
  - {id: a, call: inner, retry: {max_attempts: 2, delay: 1}, branch: [{action: complete}]}
  - {id: b, depends_on: [a]}
  - {id: e, call: empty, detach: true}
outputs: {why: {var: steps.a.output.error.type}, n: {var: steps.b.output.n}}
""".replace(
            "steps: [{id: x, fn: broken}]\n",
            "steps: [{id: x, fn: broken}]\n  empty:\n    steps: [{id: y}]\n",
        ),
    ),
    Flow(
        "each",
        """
name: each
steps:
  - {id: a, foreach: {items: [1, 2, 3, 4], max: 2}, fn: flaky, max_attempts: 2, input: {n: {var: item}}}
  - id: b
    depends_on: [a]
    foreach: {items: [1, 2]}
    do: [{id: x}, {id: y, depends_on: [x], input: {n: {var: steps.x.output.n}}}]
    outputs: {n: {var: steps.y.output.n}}
outputs: {a: {vars: 'steps.a.output[*].n'}, b: {vars: 'steps.b.output[*].n'}}
""",
    ),
    Flow(
        "limit",
        """
name: limit
steps:
  - {id: a, limit: {key: k, max: 1}}
  - {id: b, limit: {key: k, max: 1}}
  - {id: c, depends_on: [a, b]}
outputs: {n: {var: steps.c.output.n}}
""",
        many=2,
        limits={"k": 1},
    ),
    Flow(
        "rate",
        """
name: rate
limit: {key: run, max: 1}
steps:
  - {id: a, limit: {key: r, rate: 1/4s}}
  - {id: b, limit: {key: r, rate: 1/4s}, fn: flaky, max_attempts: 2}
outputs: {n: {var: steps.b.output.n}}
""",
        many=2,
        limits={"run": 1},
    ),
    Flow(
        "undo",
        """
name: undo
on_failure: rollback
workflows:
  inner:
    steps: [{id: x}]
steps:
  - {id: a, undo: {fn: back}}
  - {id: b, depends_on: [a], undo: {fn: flaky, retry: {max_attempts: 2, delay: 1}}}
  - {id: c, call: inner, depends_on: [b], undo: {fn: back}}
  - {id: d, depends_on: [c], fn: broken}
finally:
  - {id: z}
""",
        ends=("failed",),
    ),
    Flow(
        "cancel",
        """
name: cancel
workflows:
  inner:
    state: {n: {type: number, default: 0}}
    steps:
      - id: x
        fn: long
        input: {n: {var: state.n}}
        branch: [{condition: {"<": [{var: output.n}, 7]}, action: {set: x}}, {action: complete}]
steps:
  - {id: a, call: inner}
  - {id: b, fn: long}
  - {id: c, depends_on: [b], fn: long}
finally:
  - {id: z}
""",
        (Act(6, "cancel"),),
        ends=("cancelled", "complete"),
        alike=False,
        steady=False,
    ),
    Flow(
        "pause",
        """
name: pause
steps:
  - {id: a}
  - {id: b, depends_on: [a]}
  - {id: t, wait: {for: 6}}
  - {id: c, depends_on: [b, t]}
outputs: {n: {var: steps.c.output.n}}
""",
        (Act(1, "pause"), Act(12, "resume")),
    ),
    Flow(
        "mended",
        """
name: mended
workflows:
  inner:
    steps: [{id: x, fn: mended}]
steps:
  - {id: a}
  - {id: b, call: inner, depends_on: [a]}
  - {id: c, depends_on: [b]}
outputs: {n: {var: steps.c.output.n}}
""",
        (Act(2, "retry", when="failed"), Act(5, "retry", when="failed")),
        ends=("complete", "failed"),
        alike=False,
        steady=False,
    ),
    Flow(
        "skipped",
        """
name: skipped
steps:
  - {id: a, wait: {signal: never}}
  - {id: b, depends_on: [a], input: {n: {var: steps.a.output.n}}}
outputs: {n: {var: steps.b.output.n}}
""",
        (Act(4, "skip", ("a",), {"output": {"n": 3}}),),
    ),
    Flow(
        "rerun",
        """
name: rerun
steps:
  - {id: a, fn: long}
  - {id: b, depends_on: [a], input: {n: {var: steps.a.output.n}}}
outputs: {n: {var: steps.b.output.n}}
""",
        (Act(3, "rerun", ("a",), {"input": {"n": 10}}),),
        alike=False,
        steady=False,
    ),
    Flow(
        "timeout",
        """
name: timeout
steps:
  - {id: a, fn: slow_once, timeout: 4, retry: {max_attempts: 4, delay: 1}}
  - {id: b, depends_on: [a]}
outputs: {n: {var: steps.b.output.n}}
""",
        ends=("complete", "failed"),
        alike=False,
        steady=False,
    ),
    Flow(
        "heartbeat",
        """
name: heartbeat
steps:
  - {id: a, fn: beating, timeout: {heartbeat: 5}, retry: {max_attempts: 5, delay: 1}}
  - {id: b, depends_on: [a], timeout: {queue: 30}, retry: {max_attempts: 5, delay: 1}}
outputs: {n: {var: steps.b.output.n}}
""",
        ends=("complete", "failed"),
        alike=False,
    ),
    Flow(
        "hang",
        """
name: hang
steps:
  - {id: a, fn: hangs, timeout: 4, retry: {max_attempts: 2, delay: 1}}
outputs: {n: {var: steps.a.output.n}}
""",
        ends=("complete", "failed"),
        alike=False,
    ),
    Flow(
        "poison",
        """
name: poison
steps:
  - {id: a, fn: deadly, branch: [{action: complete}]}
  - {id: b, depends_on: [a]}
outputs: {why: {var: steps.a.output.error.type}, n: {var: steps.b.output.n}}
""",
    ),
    Flow(
        "halt",
        """
name: halt
steps:
  - {id: a, branch: [{condition: {">": [{var: output.n}, 0]}, action: halt, result: {why: enough}},
                     {action: complete}]}
  - {id: b, depends_on: [a]}
""",
        ends=("halted",),
    ),
)

FLOWS = {flow.name: flow for flow in _FLOWS}


def outcome_of(fn, inputs, context):
    """What an executor answers: a number, or an error."""
    n = inputs.get("n")
    n = n if type(n) is int else 0
    if fn == "broken" or (fn in {"flaky", "hangs"} and context.attempt == 1):
        raise ValueError(f"delivery {context.delivery}")
    if fn == "mended" and context.run_id == 0:
        raise ValueError(f"delivery {context.delivery}")
    return {"n": n + 1}
