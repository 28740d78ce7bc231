"""What a step does, and what is special about it, in a few words each."""

from collections.abc import Iterator, Mapping
from typing import assert_never

from runfox.cli.drawing.diagram import Loop, Mark
from runfox.cli.drawing.phrases import phrase
from runfox.expressions import Expression
from runfox.spec import Branch, Complete, Fail, Finish, Halt, Rollback, Set, Step, durations
from runfox.spec.model import Call, Cancel, Do, Each, Fn, Join, Limit, Wait
from runfox.values import Json

_REST = {"ignore": "", "wait": ", waits for the rest", "cancel": ", cancels the rest"}


def body_text(step: Step) -> str:
    """Return what a step does: the name for the executor, or ``wait 15m or signal approve``."""
    match step.body:
        case Fn(name=name):
            return name
        case Call(workflow=workflow, detach=detach):
            return f"call {workflow}{', detached' if detach else ''}"
        case Do():
            return "do"
        case Each(item=item):
            return f"× {body_text(item)}"
        case Wait() as wait:
            return f"wait {' or '.join(_awaited(wait))}"
        case _:
            assert_never(step.body)


def _awaited(wait: Wait) -> Iterator[str]:
    for template in wait.delays:
        yield _duration(template.source)
    for template in wait.instants:
        yield f"until {_plain(template.source)}"
    for signal in wait.signals:
        key = f" of {_plain(signal.key.source)}" if signal.key is not None else ""
        yield f"signal {signal.name}{key}"


def _duration(source: Json) -> str:
    return f"{source}s" if type(source) in (int, float) else _plain(source)


def _plain(source: Json) -> str:
    return source if isinstance(source, str) else phrase(source)


def marks_of(step: Step, known: Mapping[str, int]) -> Iterator[Mark]:
    """Yield the marks of a step. ``known`` are the steps of its own list."""
    if step.join is not None:
        yield Mark("join", _join_text(step.join, len(step.depends_on)))
    if step.when is not None:
        yield Mark("when", f"when {phrase(step.when.source)}")
    inner = step
    if isinstance(step.body, Each):
        yield Mark("each", _each_text(step.body))
        inner = step.body.item
    if inner.limit is not None:
        yield Mark("limit", _limit_text(inner.limit))
    for branch in step.branches:
        mark = _branch_mark(branch, known)
        if mark is not None:
            yield mark
    if inner.undo is not None:
        yield Mark("undo", f"undone by {inner.undo.fn}")


def _join_text(join: Join, of: int) -> str:
    need = "any" if join.need == 1 else str(join.need)
    return f"{need} of {of}{_REST[join.rest]}"


def _each_text(each: Each) -> str:
    parts = [f"for each of {phrase(each.items.source)}"]
    if each.max is not None:
        parts.append(f"{each.max} at a time")
    if each.need is not None:
        parts.append(f"{each.need} needed")
    if each.until is not None:
        parts.append(f"until {phrase(each.until.source)}")
    if each.more is not None:
        parts.append(f"more from {phrase(each.more.source)}")
    return ", ".join(parts)


def _limit_text(limit: Limit) -> str:
    parts = []
    if limit.max is not None:
        parts.append(f"{limit.max} at a time")
    if limit.rate is not None:
        parts.append(f"{limit.rate.count} per {durations.text(limit.rate.per)}")
    key = f" of {_plain(limit.key.source)}" if limit.key is not None else ""
    return f"at most {' and '.join(parts)}{key}"


def _branch_mark(branch: Branch, known: Mapping[str, int]) -> Mark | None:
    match branch.action:
        case Halt():
            return Mark("halt", _when("halts", branch))
        case Fail():
            return Mark("fail", _when("fails", branch))
        case Finish():
            return Mark("finish", _when("finishes", branch))
        case Complete():
            return Mark("complete", _when("completes", branch))
        case Rollback():
            return Mark("rollback", _when("rolls back", branch))
        case Cancel(targets=targets):
            return Mark("cancel", _when(f"cancels {', '.join(targets)}", branch))
        case Set(targets=targets):
            if isinstance(targets, tuple) or any(_named(targets, known)):
                return None  # drawn as loops
            return Mark("set", _when(f"sets a step chosen by {phrase(targets.source)}", branch))
        case _:
            assert_never(branch.action)


def _when(verb: str, branch: Branch) -> str:
    why = _why(branch)
    return f"{verb} if {why}" if why else verb


def _why(branch: Branch) -> str:
    """The condition in words; nothing where it always holds, as in the last branch of many."""
    if branch.condition is None or branch.condition.source is True:
        return ""
    return phrase(branch.condition.source)


def loops_of(step: Step, known: Mapping[str, int]) -> Iterator[Loop]:
    """Yield the ways back that the branches of a step may take."""
    seen: set[tuple[str, str]] = set()
    for branch in step.branches:
        if not isinstance(branch.action, Set):
            continue
        text = _why(branch)
        for target in _named(branch.action.targets, known):
            if (target, text) not in seen:
                seen.add((target, text))
                yield Loop(step.id, target, text)


def _named(targets: tuple[str, ...] | Expression, known: Mapping[str, int]) -> Iterator[str]:
    """The steps that a ``set`` names; where logic chooses, every step that the logic spells out."""
    texts = targets if isinstance(targets, tuple) else _strings(targets.source)
    for text in dict.fromkeys(texts):
        name = text.removeprefix("steps.").removesuffix(".status")
        if name in known:
            yield name


def _strings(source: Json) -> Iterator[str]:
    open_parts = [source]
    while open_parts:
        part = open_parts.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, list):
            open_parts.extend(reversed(part))
        elif isinstance(part, dict) and "var" not in part and "vars" not in part:
            open_parts.extend(reversed(part.values()))
