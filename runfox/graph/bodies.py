"""How a step that is ready begins, whatever its body is."""

from hashlib import blake2b
from typing import Any

from runfox.errors import ExpressionFailed
from runfox.graph import caching, fitting
from runfox.graph.draft import Draft
from runfox.graph.ending import expression_error, resolve, too_large
from runfox.graph.facts import (
    BlockStarted,
    ChildStarted,
    Error,
    ItemsStarted,
    StepDispatched,
    StepRecalled,
)
from runfox.graph.frames import FrameDraft
from runfox.graph.gates import skip
from runfox.graph.limits import Entry, enter
from runfox.graph.outside import Question
from runfox.graph.persistent import from_top
from runfox.graph.record import Parent
from runfox.graph.scope import scope_of
from runfox.graph.turns import judge, succeeded, turn_failed
from runfox.graph.waits import NoMoment, begin_wait
from runfox.spec.model import Call, Do, Each, Fn, Step, Wait
from runfox.values import Json, TooBig, size

MAX_WIDTH = 100_000
"""How many items a ``foreach`` may have."""

MAX_ITEMS = 3_000_000
"""How many bytes of JSON they may have, all together."""

MAX_DEPTH = 16
"""How many executions may be called one by another."""


class Unfit(ValueError):
    """What a body was given is not what it can begin with."""


def hand_out(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Begin a step. One whose input, key or items cannot be resolved fails, without another try."""
    error: Error
    try:
        _begin(draft, frame, position)
        return
    except ExpressionFailed as failure:
        error = expression_error(failure, _part(failure))
    except TooBig as failure:
        error = too_large(failure, "input")
    except (Unfit, NoMoment) as failure:
        error = {"type": "ExpressionError", "message": str(failure)}
    _give_back(draft, frame, position)
    judge(draft, frame, position, error=error)


def _give_back(draft: Draft, frame: FrameDraft, position: int) -> None:
    """Take no place in a limit for a run that does not begin after all."""
    if frame.step(position).limit is not None:
        draft.wishes.unclaim(frame.path(position), frame.cells[position].run_id + 1)


def _part(error: ExpressionFailed) -> str:
    return getattr(error, "part", "input")


def _begin(draft: Draft, frame: FrameDraft, position: int) -> None:
    step, cell = frame.step(position), frame.cells[position]
    layout = frame.layout
    if frame is not draft.undo and layout.simple[0 if layout.numbered else position]:
        inputs = _inputs(draft, frame, position, step)
        path, run_id = frame.path(position), cell.run_id + 1
        draft.emit(StepDispatched(path, run_id, cell.attempt + 1, inputs, draft.now))
        return
    if step.cache is not None:
        output = caching.recalled(draft, caching.question(frame, position))
        # It was taken once, but state may not take it now: then the step runs, and what it gives is judged.
        if output is not None and fitting.refusal(draft, frame, step, output) is None:
            draft.emit(StepRecalled(frame.path(position), output, "cache", draft.now))
            judge(draft, frame, position, output=output)
            return
    if step.limit is not None and not _entered(draft, frame, position):
        return
    by = _opened_by(frame, step) if step.join is not None else ()
    match step.body:
        case Fn():
            inputs = _inputs(draft, frame, position, step)
            path, run_id = frame.path(position), cell.run_id + 1
            fact = StepDispatched(path, run_id, cell.attempt + 1, inputs, draft.now, by)
            draft.emit(fact)
        case Call() as call:
            _begin_child(draft, frame, position, call, by)
        case Do():
            path, run_id = frame.path(position), cell.run_id + 1
            draft.emit(BlockStarted(path, run_id, cell.attempt + 1, draft.now, by))
        case Wait() as wait:
            begin_wait(draft, frame, position, wait, by)
        case Each() as each:
            _begin_items(draft, frame, position, each, by)


def _inputs(draft: Draft, frame: FrameDraft, position: int, step: Step) -> dict[str, Json]:
    if frame is draft.undo:
        return _undo_inputs(draft, position)
    given: dict[str, Json] | None = frame.cells[position].more.given
    if given is not None:
        return given
    found: dict[str, Json] = (
        {} if step.input is None else resolve(step.input, scope_of(frame, position))
    )
    return found


def _undo_inputs(draft: Draft, position: int) -> dict[str, Json]:
    entry = list(from_top(draft.undos))[position]
    if entry.inputs is None:
        raise Unfit(str((entry.error or {}).get("message", "its input could not be resolved")))
    inputs: dict[str, Json] = entry.inputs
    return inputs


def _opened_by(frame: FrameDraft, step: Step) -> tuple[str, ...]:
    """Return the dependencies that a gate opened for, where it did not need all of them."""
    if step.join is None or step.join.rest == "wait":
        return ()
    satisfies, index = frame.layout.satisfies, frame.layout.index
    return tuple(
        dependency.step
        for dependency in step.depends_on
        if satisfies(dependency.wanted, frame.cells[index[dependency.step]].status)
    )


def _entered(draft: Draft, frame: FrameDraft, position: int) -> bool:
    match enter(draft, frame, position):
        case Entry.OPEN:
            return True
        case Entry.SKIP:
            skip(draft, frame, position, "limit")
        case Entry.FAIL:
            message = "no place was free in its limit"
            judge(draft, frame, position, error={"type": "LimitFull", "message": message})
        case Entry.WAIT:
            pass
    return False


# Items ------------------------------------------------------------------------------------------------


def _begin_items(
    draft: Draft, frame: FrameDraft, position: int, each: Each, by: tuple[str, ...]
) -> None:
    cell = frame.cells[position]
    items = items_of(resolve(each.items, scope_of(frame, position)), "items")
    path, run_id = frame.path(position), cell.run_id + 1
    draft.emit(ItemsStarted(path, run_id, cell.attempt + 1, items, draft.now, by))


def items_of(value: Any, key: str) -> tuple[Json, ...]:
    """Return the items that an expression gave. Raises ``Unfit`` for what is no list, or is too long."""
    if type(value) is not list:
        raise Unfit(f"foreach.{key} gave no list")
    if len(value) > MAX_WIDTH:
        raise Unfit(f"foreach.{key} gave {len(value):,} items; {MAX_WIDTH:,} are allowed")
    if size(value) > MAX_ITEMS:
        raise Unfit(f"foreach.{key} gave items over the limit max_items ({MAX_ITEMS} bytes)")
    return tuple(value)


# Children ---------------------------------------------------------------------------------------------


def _begin_child(
    draft: Draft, frame: FrameDraft, position: int, call: Call, by: tuple[str, ...]
) -> None:
    step, cell = frame.step(position), frame.cells[position]
    path, run_id = frame.path(position), cell.run_id + 1
    inputs = _inputs(draft, frame, position, step)
    child = child_id(draft, path, run_id)
    error = _refusal(draft, call, child)
    if error is not None:
        _give_back(draft, frame, position)
        turn_failed(draft, frame, position, error)
        return
    draft.emit(ChildStarted(path, run_id, cell.attempt + 1, inputs, child, draft.now, by))
    if call.detach:
        draft.wishes.detached[path, run_id] = child
        succeeded(draft, frame, position, run_id, {"workflow_execution_id": child})


def child_id(draft: Draft, path: str, run_id: int) -> str:
    """Return the id of the execution that a run of a step begins: the same whenever it is asked for."""
    origin = draft.before.origin
    root = origin.execution_id if origin.parent is None else origin.parent.root
    seed = f"{origin.execution_id}#{path}#{run_id}".encode()
    return f"{root[:80]}.{blake2b(seed, digest_size=10).hexdigest()}"


def _refusal(draft: Draft, call: Call, child: str) -> Error | None:
    """Return why the execution cannot be begun, None if it can: then the name it is called by is known."""
    refused = draft.outside.refused.get(child)
    if refused is not None:
        return refused
    if depth_of(draft.before.origin.parent) >= MAX_DEPTH:
        message = f"executions may call each other {MAX_DEPTH} deep, and this would be one more"
        return {"type": "ChildFailed", "message": message}
    if call.workflow == "self" or call.workflow in draft.plan.spec.workflows:
        return None
    asked = Question("", call.workflow)
    if asked not in draft.outside.answers:
        draft.wishes.questions[asked] = None
    elif draft.outside.answers[asked] is None:
        message = f"no workflow is called {call.workflow!r} here; keep its definition first"
        return {"type": "ChildFailed", "message": message}
    return None


def depth_of(parent: Parent | None) -> int:
    """Return how many executions have called each other to get here."""
    return 0 if parent is None else parent.depth
