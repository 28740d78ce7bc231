"""Where expressions stand in a workflow, and what each of them sees."""

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline, WorkflowOutline
from runfox.spec.problem import Path
from runfox.values import Json

RUN: Final = ("input", "state", "steps", "workflow")
RESULT: Final = (*RUN, "output", "ok", "error", "attempt")
"""Names in branches and retry policies, beside the keys of the step's output. All but ok win over those."""

SIGNAL: Final = ("signal", "data", "timed_out")
"""The keys of a wait's output."""

BEFORE_THE_RUN: Final = ("input", "workflow")
RESERVED: Final = frozenset({*RESULT, "index", "results"})
"""What an item cannot be called."""


class Sight(NamedTuple):
    """What an expression sees. ``bare``: the keys of its step's output too, by their bare names.

    ``after``: it is evaluated when its step has run, so that it may read that step.
    """

    names: frozenset[str]
    bare: bool = False
    after: bool = False


class Place(NamedTuple):
    """A value that is an expression or holds some. ``step`` is None for what belongs to no single step.

    ``form``: ``data`` is a value in which logic stands at any depth, ``time`` the same for one that is not
    meant to be data, ``logic`` an expression as such.
    """

    value: Json
    path: Path
    block: BlockOutline
    step: StepOutline | None
    sight: Sight
    form: Literal["logic", "data", "time"]


_RUN = frozenset(RUN)
_BEFORE = Sight(_RUN)
_JUDGING = Sight(frozenset(RESULT), bare=True, after=True)
_BEFORE_THE_RUN = Sight(frozenset(BEFORE_THE_RUN))


def places(outline: Outline) -> Iterator[Place]:
    for workflow in outline.workflows:
        yield from _of_workflow(workflow)
    for block in outline.blocks:
        if block.owner is not None and "outputs" in block.owner.data:
            sight, path = Sight(_RUN | block.names), (*block.owner.path, "outputs")
            yield Place(block.owner.data["outputs"], path, block, None, sight, "data")
    for step in outline.having("input"):
        if type(step.data["input"]) is dict:
            path = (*step.path, "input")
            yield Place(step.data["input"], path, step.block, step, _of_item(step), "data")
    for step in outline.having("when"):
        sight = Sight(_RUN | step.block.names) if step.block.names else _BEFORE
        yield Place(step.data["when"], (*step.path, "when"), step.block, step, sight, "logic")
    for key in ("limit", "cache"):
        for step in outline.having(key):
            data = step.data[key]
            if type(data) is dict and "key" in data:
                path = (*step.path, key, "key")
                yield Place(data["key"], path, step.block, step, _of_item(step), "data")
    for key, found in _KEYS.items():
        for step in outline.having(key):
            yield from found(step)


def _of_item(step: StepOutline) -> Sight:
    """Return what is seen by what is evaluated for each item, if there are items, before it is done."""
    return Sight(_RUN | step.names) if step.names else _BEFORE


def _of_workflow(workflow: WorkflowOutline) -> Iterator[Place]:
    data, path, main = workflow.data, workflow.path, workflow.main
    if type(data.get("outputs")) is dict:
        yield Place(data["outputs"], (*path, "outputs"), main, None, _BEFORE, "data")
    limit = data.get("limit")
    if type(limit) is dict and "key" in limit:
        yield Place(limit["key"], (*path, "limit", "key"), main, None, _BEFORE_THE_RUN, "data")
    usual = data.get("defaults")
    if type(usual) is dict:
        for place, policy in policies(usual, (*path, "defaults")):
            if "if" in policy:
                yield Place(policy["if"], (*place, "if"), main, None, _JUDGING, "logic")


def _of_branches(step: StepOutline) -> Iterator[Place]:
    names = _JUDGING.names | step.block.names
    if step.each is not None:
        # The output is a list, which has no names to be seen.
        sight = Sight(names, after=True)
    elif "wait" in step.data:
        sight = Sight(names | set(SIGNAL), after=True)
    else:
        sight = _JUDGING._replace(names=names) if step.block.names else _JUDGING
    for data, path, action, _ in step.branches:
        if "condition" in data:
            place = (*path, "condition")
            yield Place(data["condition"], place, step.block, step, sight, "logic")
        if action == "set":
            place = (*path, "action", "set")
            yield Place(data["action"]["set"], place, step.block, step, sight, "logic")
        if "result" in data and action in {"halt", "fail"}:
            yield Place(data["result"], (*path, "result"), step.block, step, sight, "data")


def _of_waits(step: StepOutline) -> Iterator[Place]:
    sight = _of_item(step)
    for path, wait in waits(step):
        for key in ("for", "until"):
            if type(wait.get(key)) is dict:
                yield Place(wait[key], (*path, key), step.block, step, sight, "time")
        if "key" in wait:
            yield Place(wait["key"], (*path, "key"), step.block, step, sight, "data")


def _of_undo(step: StepOutline) -> Iterator[Place]:
    undo, path = step.data["undo"], (*step.path, "undo")
    if type(undo) is not dict:
        return
    if type(undo.get("input")) is dict:
        sight = Sight(_RUN | step.names | {"output"}, after=True)
        yield Place(undo["input"], (*path, "input"), step.block, step, sight, "data")
    sight = Sight(_RUN | step.names | {"error", "attempt", "ok"}, after=True)
    yield from _of_policies(step, undo, path, sight)


def _of_items(step: StepOutline) -> Iterator[Place]:
    each = step.each
    if each is None:
        return
    path, outside = (*step.path, "foreach"), _RUN | step.block.names
    if "items" in each:
        sight = Sight(outside)
        yield Place(each["items"], (*path, "items"), step.block, step, sight, "data")
    for key in ("until", "more"):
        if key in each:
            sight = Sight(outside | {"results"})
            yield Place(each[key], (*path, key), step.block, step, sight, "logic")


def _of_retry(step: StepOutline) -> Iterator[Place]:
    sight = _JUDGING._replace(names=_JUDGING.names | step.names)
    yield from _of_policies(step, step.data, step.path, sight)


def _of_policies(
    step: StepOutline, data: dict[str, Json], path: Path, sight: Sight
) -> Iterator[Place]:
    for place, policy in policies(data, path):
        if "if" in policy:
            yield Place(policy["if"], (*place, "if"), step.block, step, sight, "logic")


_KEYS: Final[dict[str, Callable[[StepOutline], Iterator[Place]]]] = {
    "branch": _of_branches,
    "foreach": _of_items,
    "retry": _of_retry,
    "undo": _of_undo,
    "wait": _of_waits,
}


def policies(data: dict[str, Json], path: Path) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Give the retry policies that are written out in the ``retry`` of a mapping."""
    return mappings(data.get("retry"), (*path, "retry"))


def waits(step: StepOutline) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Give what a step waits for, one after another."""
    return mappings(step.data.get("wait"), (*step.path, "wait"))


def mappings(value: Json, path: Path) -> Iterator[tuple[Path, dict[str, Json]]]:
    """Give the mappings of a list with their paths, or the one that stands for a list of it."""
    if type(value) is dict:
        yield path, value
    elif type(value) is list:
        for position, entry in enumerate(value):
            if type(entry) is dict:
                yield (*path, position), entry
