"""A key or a value that is wrong is answered with the way out."""

import pytest

from runfox.spec import check_text
from tests.unit.spec.bad import one, steps, top

HINTS = [
    (one("wiat: {for: 1m}"), "Did you mean 'wait'?"),
    (one("heartbeat: 1m"), "'heartbeat' belongs in a timeout."),
    (one("fn: f\ncall: w"), "Keep 'fn'."),
    (one("detach: true"), "Leave it out."),
    (one("wait: {for: 1m}\ninput: {}"), "reads input, state and steps itself."),
    (one("wait: {for: 1m}\nretry: alot"), "There are: none, standard, aggressive."),
    (one("undo: refund"), None),
    (one("timeout: P1M"), None),
    (one("foreach: {items: [1], tolerate: 0.05}"), "Write a share like 5%."),
    (one("foreach: {items: [1], more: true}"), 'Logic looks like {"var": "state.found"}.'),
    (one("limit: {max: 0}"), "without a limit leave it out."),
    (one("limit: {rate: 10}"), "Write it like 100/1m: so many in so long."),
    (one("branch: [{action: rollback}]"), "Write {rollback: true}."),
    (one("branch: [{action: cancel}]"), "Write {cancel: [step_id]}."),
    (one("branch: [{action: {rollbak: true}}]"), "Did you mean 'rollback'?"),
    (steps("  - id: a\n  - {id: b, depends_on: {a: failed}}"), "[a, {b: failed}]."),
    (steps("  - id: a\n  - {id: b, depends_on: [{a: fialed}]}"), "Did you mean 'failed'?"),
    (steps("  - id: a\n  - {id: b, depends_on: a, join: eny}"), "Did you mean 'any'?"),
    (top("on_failure: rolback"), "Did you mean 'rollback'?"),
    (top("defaults: {limit: {max: 1}}"), "'limit' belongs in a workflow or a step."),
    (top("workflows: {w: {schedule: {every: 1h}, steps: [{id: a}]}}"), "belongs in a workflow."),
    (top("workflows: {self: {steps: [{id: a}]}}"), "Call it something else."),
    (top("state: {n: {merge: appand}}"), "Did you mean 'append'?"),
    (top("outputs: {t: {secret: s}}"), "in the input of the step that uses it."),
    (one("input: {t: {secret: a b}}"), "If it is data, write {literal: {secret: ...}}."),
    (one("input: {secret: s}"), "Give the secret a name: {token: {secret: ...}}."),
]


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_a_problem_of_shape_names_the_way_out(text: str, hint: str | None) -> None:
    (problem,) = check_text(text)
    assert hint is None or (problem.hint or "").endswith(hint)


MESSAGES = [
    (one("wait: {}"), "a wait needs the key 'for' or 'until' or 'signal'"),
    (one("limit: {full: skip}"), "a limit needs the key 'max' or 'rate'"),
    (one("do: [{id: b}]\ninput: {}"), "'input' means nothing beside 'do'"),
    (one("outputs: {}"), "'outputs' means nothing without 'do'"),
    (one("call: f\nfn: f"), "'fn' and 'call' cannot both be meant"),
    (one("wait: {until: 2026-11-20}"), "is a date alone. Add the time and the offset"),
    (steps("  - {fn: f}"), "a step needs the key 'id'"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_a_problem_of_shape_says_what_is_wrong(text: str, message: str) -> None:
    (problem,) = check_text(text)
    assert message in problem.message
