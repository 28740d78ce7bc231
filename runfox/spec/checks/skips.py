"""Reads of a step's output where the step may have been skipped, and so has none."""

from collections.abc import Iterator
from typing import Final, TypeAlias

from runfox import expressions, values
from runfox.spec.checks.certain import completed_before
from runfox.spec.checks.graph import batches
from runfox.spec.checks.logic import Use
from runfox.spec.checks.order import StepRead
from runfox.spec.checks.outline import BlockOutline, Outline, StepOutline
from runfox.spec.checks.reads import parts_of, read_place
from runfox.spec.problem import Finding, Path
from runfox.values import Json

STRICT: Final = frozenset(
    {"+", "-", "*", "/", "%", "<", "<=", ">", ">=", "min", "max", "substr", "cat"}
)
"""Operators that make something else of null, or refuse it. The others know what to do with it."""

GUARDS: Final = frozenset({"if", "?:", "and", "or", "??", "literal"})
"""Operators inside which something else may have made sure of a value."""


Reasons: TypeAlias = dict[StepOutline, frozenset[str]]
"""What decides of a step, by itself, whether it runs: equal texts stand for one decision."""


def maybe_skipped_reads(outline: Outline, read_steps: list[StepRead]) -> Iterator[Finding]:
    reasons: dict[BlockOutline, Reasons] = {}
    for step in _deciding(outline):
        if found := _reasons(step):
            reasons.setdefault(step.block, {})[step] = found
    reads: dict[BlockOutline, list[StepRead]] = {}
    for read in read_steps:
        if read.path[2:3] == ("output",) and not read.use.sight.after:
            reads.setdefault(read.read.block, []).append(read)
    bare: dict[Path, set[tuple[str, ...]]] = {}
    for block, in_block in reads.items():
        decided = reasons.get(block, {})
        for read in (*_early_reads(in_block), *_skipped_reads(block, in_block, decided)):
            if read.use.path not in bare:
                bare[read.use.path] = _bare_reads(read.use)
            if tuple(map(str, read.path)) in bare[read.use.path]:
                yield _finding(read)


def _finding(read: StepRead) -> Finding:
    message = f"{read.read.id!r} may not have run here, and then has no output"
    name = ".".join(map(str, read.path))
    hint = f'Say what to take instead: {{"var": ["{name}", null]}}.'
    place = read_place(read.use, read.path)
    return Finding(place, "maybe-skipped-read", message, hint, "warning")


def _deciding(outline: Outline) -> Iterator[StepOutline]:
    """Give the steps that may not run though their dependencies are complete."""
    yield from outline.having("when")
    yield from outline.having("limit")
    for step in outline.having("depends_on"):
        if step.has_outcomes:
            yield step


def _reasons(step: StepOutline) -> frozenset[str]:
    reasons = set(_conditions(step))
    for reference in step.depends_on if step.needs_all else ():
        if reference.wanted in {"failed", "skipped"}:
            reasons.add(f"{reference.wanted} {reference.step_id}")
    limit = step.data.get("limit")
    if type(limit) is dict and limit.get("full") == "skip":
        reasons.add(f"full {step.position}")
    return frozenset(reasons)


def _conditions(step: StepOutline) -> Iterator[str]:
    """Give what must hold for a step to run."""
    when = step.data.get("when")
    if type(when) is not dict:
        return
    parts = when["and"] if len(when) == 1 and type(when.get("and")) is list else [when]
    for part in parts:
        yield values.canonical(part)


def _early_reads(reads: list[StepRead]) -> Iterator[StepRead]:
    """Give the reads of a step's own dependencies without whose completion its gate opens."""
    known: dict[StepOutline, frozenset[str]] = {}
    for read in reads:
        reader = read.reader
        if reader is None:
            continue
        if reader not in known:
            known[reader] = _not_needed(reader)
        if read.read.id in known[reader]:
            yield read


def _not_needed(step: StepOutline) -> frozenset[str]:
    """Return the dependencies of a step that may not be complete when it runs, of themselves."""
    need = step.join.need if step.join is not None else None
    few = need is not None and need < len(step.depends_on)
    if not few and not step.has_outcomes:
        return frozenset()
    return frozenset(r.step_id for r in step.depends_on if few or r.wanted != "complete")


def _skipped_reads(
    block: BlockOutline, reads: list[StepRead], reasons: Reasons
) -> Iterator[StepRead]:
    """Give the reads of steps that may be skipped while their reader runs."""
    left = list(reads) if reasons else []
    further = dict(reasons)
    for batch in batches(sorted(frozenset[str]().union(*reasons.values()))):
        bits = {reason: 1 << bit for bit, reason in enumerate(batch)}
        seeds = {step.position: _bits(found, bits) for step, found in reasons.items()}
        before = completed_before(block, seeds)
        later = []
        for read in left:
            at = read.read.position
            needed = before[at] | seeds.get(at, 0)
            if needed and needed & ~_decided(read, before, bits, further):
                yield read
            else:
                later.append(read)
        left = later


def _decided(read: StepRead, before: list[int], bits: dict[str, int], reasons: Reasons) -> int:
    """Return what was decided when the expression is evaluated, since the way to it led past that."""
    if read.reader is None:
        return 0
    decided = before[read.reader.position]
    step = read.use.step or read.use.block.owner
    while step is not None:
        if read.use.path != (*step.path, "when"):
            if step not in reasons:
                reasons[step] = _reasons(step)
            decided |= _bits(reasons[step], bits)
        if step is read.reader:
            break
        step = step.block.owner
    return decided


def _bits(reasons: frozenset[str], bits: dict[str, int]) -> int:
    return sum(bits.get(reason, 0) for reason in reasons)


def _bare_reads(use: Use) -> set[tuple[str, ...]]:
    """Return the paths that an expression takes as they are, and of whose steps it does not ask what became."""
    asked = {
        read[1]
        for read in use.expression.reads
        if read[0:1] == ("steps",) and len(read) > 2 and read[2] != "output"
    }
    value = use.expression.source
    found: set[tuple[str, ...]] = set()
    if use.in_data:
        _add_read(value, found)
    _add_strict_reads(value, found)
    return {path for path in found if len(path) > 1 and path[1] not in asked}


def _add_strict_reads(value: Json, found: set[tuple[str, ...]]) -> None:
    if not expressions.is_logic(value):
        return
    ((name, arguments),) = value.items()
    if name in GUARDS:
        return
    for part in arguments if type(arguments) is list else [arguments]:
        if name in STRICT:
            _add_read(part, found)
        _add_strict_reads(part, found)


def _add_read(value: Json, found: set[tuple[str, ...]]) -> None:
    """Add the path of a plain ``var`` without a default."""
    if type(value) is not dict:
        return
    text = value.get("var")
    if type(text) is list and len(text) == 1:
        text = text[0]
    if type(text) is str:
        found.add(tuple(parts_of(text)))
