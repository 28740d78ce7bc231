"""The one table of keys: what may stand where, what it may hold, what it means.

The structure checker works from it, hints and the reference are made of it, and ``schema.json`` is held to it
by a test. A new key is one line here and its entry in the schema.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from runfox.spec import across, kinds
from runfox.spec.kinds import Check, Fault
from runfox.spec.limits import (
    MAX_ATTEMPTS,
    MAX_BACKOFF,
    MAX_ITEMS,
    MAX_ITERATIONS,
    MAX_PRIORITY,
    MAX_SCHEDULES,
    MAX_STEPS,
)
from runfox.values import Json


class Beside(NamedTuple):
    """What a key has to do with the other keys of its mapping."""

    clashes: tuple[str, ...] = ()
    """Of these and the key only one can be meant."""
    needs: tuple[str, ...] = ()
    """The key means something only beside one of these."""
    bars: tuple[str, ...] = ()
    """These mean nothing beside the key."""


class Key(NamedTuple):
    """A key. ``place`` names the place that its mapping is, or each mapping of its list is.

    ``named``: its mapping holds such mappings by name.
    """

    check: Check
    about: str
    place: str | None = None
    beside: Beside | None = None
    named: bool = False


class Place(NamedTuple):
    """A mapping of the language. ``required``: of each group one key. ``across``: what no key can say alone."""

    title: str
    keys: dict[str, Key]
    required: tuple[tuple[str, ...], ...] = ()
    across: Callable[[dict[str, Json]], Sequence[Fault]] | None = None


_priority = kinds.whole(0, MAX_PRIORITY)
_attempts = kinds.whole(1, MAX_ATTEMPTS)
_rest = kinds.word("wait", "cancel", "ignore")
_beside_retry = Beside(clashes=("retry",))

WORKFLOW = Place(
    "a workflow",
    {
        "name": Key(kinds.name, "What the workflow is called."),
        "version": Key(
            kinds.version, "A label for people; what identifies a workflow is its content."
        ),
        "description": Key(kinds.text, "What the workflow is for."),
        "labels": Key(kinds.labels, "Names and texts to find its executions by."),
        "inputs": Key(kinds.schema, "A JSON Schema of what a run is given; anything, if left out."),
        "state": Key(
            kinds.state,
            "Keys of state: of each a JSON Schema, its default, and how new values are merged.",
        ),
        "timeout": Key(kinds.span, "How long a run may take altogether."),
        "priority": Key(_priority, "Which runs go first: 0 (last) to 10 (first)."),
        "limit": Key(kinds.mapping, "How many runs there may be at once.", "limit"),
        "on_failure": Key(
            kinds.word("fail", "rollback", "continue"), "What a failed step means for the run."
        ),
        "defaults": Key(kinds.mapping, "What holds for steps that do not say it.", "defaults"),
        "schedule": Key(
            kinds.one_or_more(MAX_SCHEDULES), "When runs start by themselves.", "schedule"
        ),
        "workflows": Key(
            kinds.workflows, "More workflows, for steps to call by name.", "inner", named=True
        ),
        "steps": Key(kinds.items, "The steps; their order is for the reader only.", "step"),
        "finally": Key(
            kinds.items,
            "Steps that run at the end, however the run went; they never change it.",
            "step",
        ),
        "outputs": Key(
            kinds.outputs,
            "What the run gives when it completes: values, at any depth literal or logic.",
        ),
    },
    required=(("name",), ("steps",)),
)

INNER = Place(
    "a workflow of the file",
    {name: key for name, key in WORKFLOW.keys.items() if name not in {"name", "schedule"}},
    required=(("steps",),),
)

STEP = Place(
    "a step",
    {
        "id": Key(kinds.step_id, "The name of the step, unique in the workflow."),
        "op": Key(kinds.step_id, "Another word for id.", beside=Beside(clashes=("id",))),
        "fn": Key(kinds.name, "The name handed to the executor; the id where left out."),
        "type": Key(kinds.name, "Another word for fn.", beside=Beside(clashes=("fn",))),
        "call": Key(
            kinds.name,
            "The workflow that the step runs: one of the file, self, name or name@version.",
            beside=Beside(clashes=("fn", "type")),
        ),
        "detach": Key(
            kinds.flag,
            "Whether the step only starts the workflow, and does not wait for its end.",
            beside=Beside(needs=("call",)),
        ),
        "do": Key(
            kinds.items,
            "Steps that are done as one step.",
            "step",
            beside=Beside(clashes=("fn", "type", "call"), bars=("input",)),
        ),
        "outputs": Key(
            kinds.outputs,
            "What the steps of do give together: values, at any depth literal or logic.",
            beside=Beside(needs=("do",)),
        ),
        "wait": Key(
            kinds.one_or_more(MAX_STEPS),
            "What the step waits for; of several the first.",
            "wait",
            beside=Beside(clashes=("fn", "type", "call", "do"), bars=("input",)),
        ),
        "depends_on": Key(
            kinds.depends_on,
            "The steps that must have ended before this one starts: complete, or as {id: outcome} says.",
        ),
        "join": Key(
            kinds.join, "How many of depends_on are enough: all, any, or a number.", "join"
        ),
        "when": Key(kinds.logic, "Whether the step runs; it is skipped if this is false."),
        "foreach": Key(kinds.mapping, "Does the step once for each of a list.", "foreach"),
        "input": Key(
            kinds.given, "What the executor is given: values, at any depth literal or logic."
        ),
        "output": Key(kinds.schema, "A JSON Schema of what the step must give."),
        "branch": Key(
            kinds.items, "What happens after the step: the first entry that holds.", "branch"
        ),
        "max_attempts": Key(
            _attempts, "Tries at most, one right after the other.", beside=_beside_retry
        ),
        "retry": Key(
            kinds.retry,
            "How a failed attempt is tried again: a policy, a list of them, or a name.",
            "retry",
        ),
        "max_iterations": Key(
            kinds.whole(1, MAX_ITERATIONS), "How often the step may set steps, in the whole run."
        ),
        "timeout": Key(
            kinds.timeout, "How long an attempt may take; or a mapping that says more.", "timeout"
        ),
        "limit": Key(kinds.mapping, "How many may run at once, or start in a time.", "limit"),
        "priority": Key(_priority, "Which jobs go first: 0 (last) to 10 (first)."),
        "queue": Key(kinds.name, "The queue whose workers do the step."),
        "cache": Key(kinds.mapping, "Whether an earlier output is used again.", "cache"),
        "undo": Key(kinds.mapping, "How the effect of the step is taken back.", "undo"),
        "label": Key(kinds.text, "What people are shown instead of the id."),
        "description": Key(kinds.text, "What the step is for."),
    },
    required=(("id", "op"),),
    across=across.step,
)

BRANCH = Place(
    "an entry of branch",
    {
        "condition": Key(kinds.logic, "When the action is taken; always, where left out."),
        "action": Key(
            kinds.action,
            "What happens: halt, complete, fail, finish, {set: steps}, {cancel: steps} or {rollback: true}.",
        ),
        "result": Key(kinds.result, "The outcome of halt, or the type and message of fail."),
    },
    required=(("action",),),
)

RETRY = Place(
    "a retry policy",
    {
        "max_attempts": Key(_attempts, "Tries at most, the first included."),
        "delay": Key(kinds.duration, "The wait before the second attempt."),
        "backoff": Key(kinds.number(1, MAX_BACKOFF), "What each further wait is multiplied by."),
        "max_delay": Key(kinds.duration, "No wait is longer."),
        "jitter": Key(kinds.number(0, 1), "The share of each wait that varies from run to run."),
        "within": Key(kinds.span, "No attempt starts later than this after the first."),
        "if": Key(kinds.logic, "Which failures are tried again: logic over error."),
    },
)

WAIT = Place(
    "a wait",
    {
        "for": Key(
            kinds.delay, "Until so much time has gone by: a duration, or logic that gives one."
        ),
        "until": Key(kinds.moment, "Until a moment: an instant, or logic that gives one."),
        "signal": Key(kinds.name, "Until a signal of this name comes."),
        "key": Key(
            kinds.key, "Which of several waits the signal is for.", beside=Beside(needs=("signal",))
        ),
        "data": Key(
            kinds.schema,
            "A JSON Schema of what the signal brings.",
            beside=Beside(needs=("signal",)),
        ),
        "buffer": Key(
            kinds.flag,
            "Whether a signal that comes before the wait is kept for it; it is, if left out.",
            beside=Beside(needs=("signal",)),
        ),
    },
    required=(("for", "until", "signal"),),
)

JOIN = Place(
    "a join",
    {
        "need": Key(kinds.whole(1, MAX_STEPS), "How many of depends_on are enough."),
        "rest": Key(_rest, "What becomes of the others; they are ignored, if left out."),
    },
    required=(("need",),),
)

FOREACH = Place(
    "a foreach",
    {
        "items": Key(kinds.listed, "The list: logic that gives one, or the items themselves."),
        "as": Key(kinds.variable, "What expressions call the item; item, if left out."),
        "max": Key(kinds.whole(1, MAX_ITEMS), "How many items at once; all, if left out."),
        "tolerate": Key(kinds.tolerance, "How many items may fail: a number, or a share like 5%."),
        "need": Key(kinds.whole(1, MAX_ITEMS), "How many successes are enough."),
        "until": Key(kinds.logic, "When the results so far are enough: logic over results."),
        "more": Key(kinds.computed, "Logic over results that gives a list of items to add."),
        "rest": Key(_rest, "What becomes of the other items; they are cancelled, if left out."),
    },
    required=(("items",),),
)

TIMEOUT = Place(
    "a timeout",
    {
        "attempt": Key(kinds.span, "How long one attempt may take."),
        "heartbeat": Key(kinds.span, "How long an attempt may give no sign of life."),
        "queue": Key(kinds.span, "How long an attempt may wait for a worker."),
        "total": Key(kinds.span, "How long all attempts may take together, waits included."),
    },
    required=(("attempt", "heartbeat", "queue", "total"),),
)

LIMIT = Place(
    "a limit",
    {
        "key": Key(kinds.key, "What counts together: each value of this by itself."),
        "max": Key(
            kinds.whole(
                1, MAX_ITEMS, "With 0 nothing would ever run; without a limit leave it out."
            ),
            "How many at once.",
        ),
        "rate": Key(kinds.rate, "How many may start in a time, like 100/1m."),
        "full": Key(
            kinds.word("wait", "skip", "fail", "replace"),
            "What happens to one more: it waits, if left out.",
        ),
    },
    required=(("max", "rate"),),
)

CACHE = Place(
    "a cache",
    {
        "key": Key(kinds.key, "What the output depends on: equal keys, equal output."),
        "for": Key(kinds.span, "How long an output may be used; for good, if left out."),
    },
    required=(("key",),),
)

UNDO = Place(
    "an undo",
    {
        "fn": Key(kinds.name, "The name handed to the executor."),
        "input": Key(kinds.undo_input, "What it is given: values, at any depth literal or logic."),
        "retry": Key(
            kinds.retry,
            "How a failed attempt is tried again: a policy, a list of them, or a name.",
            "retry",
        ),
    },
    required=(("fn",),),
)

DEFAULTS = Place(
    "defaults",
    {name: STEP.keys[name] for name in ("retry", "max_attempts", "timeout", "queue", "priority")},
)

SCHEDULE = Place(
    "a schedule",
    {
        "cron": Key(kinds.name, "Five fields: minute, hour, day of month, month, day of week."),
        "every": Key(
            kinds.interval,
            "A duration from one start to the next.",
            beside=Beside(clashes=("cron",)),
        ),
        "at": Key(
            kinds.instant, "The moment of a single start.", beside=Beside(clashes=("cron", "every"))
        ),
        "tz": Key(
            kinds.name,
            "The time zone of cron, like Europe/London; UTC, if left out.",
            beside=Beside(needs=("cron",)),
        ),
        "overlap": Key(
            kinds.word("skip", "queue", "replace", "allow"),
            "What happens while the run before is not over; it is skipped, if left out.",
        ),
        "catchup": Key(
            kinds.word("none", "latest", "all"),
            "Which starts that were missed are made up for; the latest, if left out.",
        ),
        "input": Key(kinds.plain_input, "The inputs of each run, as plain data."),
    },
    required=(("cron", "every", "at"),),
    across=across.schedule,
)

PLACES: dict[str, Place] = {
    "workflow": WORKFLOW,
    "inner": INNER,
    "step": STEP,
    "branch": BRANCH,
    "retry": RETRY,
    "wait": WAIT,
    "join": JOIN,
    "foreach": FOREACH,
    "timeout": TIMEOUT,
    "limit": LIMIT,
    "cache": CACHE,
    "undo": UNDO,
    "defaults": DEFAULTS,
    "schedule": SCHEDULE,
}
