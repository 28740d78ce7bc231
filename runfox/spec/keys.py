"""The one table of keys: what may stand where, what it may hold, what it means.

The structure checker works from it, hints and the reference are made of it, and ``schema.json`` is held to it
by a test. A new key is one line here and its entry in the schema.
"""

from typing import NamedTuple

from runfox.spec import kinds
from runfox.spec.kinds import Check
from runfox.spec.limits import MAX_ATTEMPTS, MAX_BACKOFF, MAX_ITERATIONS


class Key(NamedTuple):
    """A key. ``place`` names the place that its mapping is, or each mapping of its list is."""

    check: Check
    about: str
    place: str | None = None


class Place(NamedTuple):
    """A mapping of the language. ``required``: of each group one key; ``apart``: of each group at most one."""

    title: str
    keys: dict[str, Key]
    required: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()


WORKFLOW = Place(
    "a workflow",
    {
        "name": Key(kinds.name, "What the workflow is called."),
        "version": Key(
            kinds.version, "A label for people; what identifies a workflow is its content."
        ),
        "description": Key(kinds.text, "What the workflow is for."),
        "labels": Key(kinds.labels, "Names and texts to find its executions by."),
        "steps": Key(kinds.items, "The steps; their order is for the reader only.", "step"),
        "outputs": Key(
            kinds.mapping,
            "What the run gives when it completes: values, at any depth literal or logic.",
        ),
    },
    required=(("name",), ("steps",)),
)

STEP = Place(
    "a step",
    {
        "id": Key(kinds.step_id, "The name of the step, unique in the workflow."),
        "op": Key(kinds.step_id, "Another word for id."),
        "fn": Key(kinds.name, "The name handed to the executor; the id where left out."),
        "type": Key(kinds.name, "Another word for fn."),
        "input": Key(
            kinds.mapping, "What the executor is given: values, at any depth literal or logic."
        ),
        "depends_on": Key(
            kinds.step_ids, "The steps that must be complete before this one starts."
        ),
        "branch": Key(
            kinds.items, "What happens after the step: the first entry that holds.", "branch"
        ),
        "max_attempts": Key(
            kinds.whole(1, MAX_ATTEMPTS), "Tries at most, one right after the other."
        ),
        "retry": Key(kinds.mapping, "How a failed attempt is tried again.", "retry"),
        "max_iterations": Key(
            kinds.whole(1, MAX_ITERATIONS), "How often the step may set steps, in the whole run."
        ),
        "label": Key(kinds.text, "What people are shown instead of the id."),
        "description": Key(kinds.text, "What the step is for."),
    },
    required=(("id", "op"),),
    apart=(("id", "op"), ("fn", "type"), ("retry", "max_attempts")),
)

BRANCH = Place(
    "an entry of branch",
    {
        "condition": Key(kinds.logic, "When the action is taken; always, where left out."),
        "action": Key(kinds.action, "What happens: halt, complete, fail, finish, or {set: steps}."),
        "result": Key(kinds.anything, "The outcome of halt, or the type and message of fail."),
    },
    required=(("action",),),
)

RETRY = Place(
    "a retry policy",
    {
        "max_attempts": Key(kinds.whole(1, MAX_ATTEMPTS), "Tries at most, the first included."),
        "delay": Key(kinds.duration, "The wait before the second attempt."),
        "backoff": Key(kinds.number(1, MAX_BACKOFF), "What each further wait is multiplied by."),
        "max_delay": Key(kinds.duration, "No wait is longer."),
        "jitter": Key(kinds.number(0, 1), "The share of each wait that varies from run to run."),
        "if": Key(kinds.logic, "Which failures are tried again: logic over error."),
    },
)

PLACES: dict[str, Place] = {"workflow": WORKFLOW, "step": STEP, "branch": BRANCH, "retry": RETRY}
