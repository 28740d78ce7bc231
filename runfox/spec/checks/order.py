"""Reads of other steps: what is read has run by then."""

from collections.abc import Container, Iterator
from typing import NamedTuple

from runfox.spec.checks.graph import upstream_pairs
from runfox.spec.checks.logic import Use
from runfox.spec.checks.loops import read_in_a_later_turn
from runfox.spec.checks.outline import BlockOutline, StepOutline
from runfox.spec.checks.reads import read_place, step_read
from runfox.spec.problem import Finding, Path


class StepRead(NamedTuple):
    """A step is read by one of its own list, or by itself; ``reader`` may hold the expression further inside.

    It is None where the outputs of the list read the step.
    """

    reader: StepOutline | None
    read: StepOutline
    use: Use
    path: Path


def reads_out_of_order(read_steps: list[StepRead]) -> Iterator[Finding]:
    """Reads of oneself or of a later step are errors, unless in a loop; of a step that runs beside, warnings."""
    reads: dict[BlockOutline, list[_Open]] = {}
    large: dict[StepOutline, set[int]] = {}
    for read in read_steps:
        reader, other = read.reader, read.read
        if reader is None or (reader is other and reader is read.use.step and read.use.sight.after):
            continue
        if other.position not in _direct(reader, large):
            pair = (reader.position, other.position)
            reads.setdefault(reader.block, []).append(_Open(pair, reader, read))
    # Errors first: of very many findings only the first are looked at.
    races: list[_Open] = []
    for block, found in reads.items():
        yield from _impossible_reads(block, found, races)
    yield from map(_race, races)


class _Open(NamedTuple):
    """A step reads another, or itself, that is not one of its direct dependencies."""

    pair: tuple[int, int]
    reader: StepOutline
    read: StepRead


def step_reads(uses: list[Use]) -> list[StepRead]:
    """Return what steps, and outputs, read of steps. What ``finally`` reads of others is left out: it may."""
    found = []
    for use in uses:
        for path in use.expression.reads:
            if len(path) < 2 or path[0] != "steps":
                continue
            step_id = step_read(path)
            read = None if step_id is None else use.block.find(step_id)
            if read is None:
                continue
            reader, block = use.step, use.block
            while block is not read.block and block.owner is not None:
                reader, block = block.owner, block.owner.block
            if block is read.block:
                found.append(StepRead(reader, read, use, path))
    return found


def _direct(step: StepOutline, large: dict[StepOutline, set[int]]) -> Container[int]:
    """Return the dependencies of a step, in a form that is quick to ask. ``large`` keeps those of many."""
    found = step.block.graph.dependencies[step.position]
    if len(found) <= 8:
        return found
    if step not in large:
        large[step] = set(found)
    return large[step]


def _impossible_reads(
    block: BlockOutline, reads: list[_Open], races: list[_Open]
) -> Iterator[Finding]:
    """Give the errors among the reads of one list of steps, and put the races aside."""
    graph = block.graph
    own = {(reader, read) for (reader, read), _, _ in reads if reader == read}
    pairs = {read.pair for read in reads} - own
    earlier = upstream_pairs(graph, {(read, reader) for reader, read in pairs})
    open_pairs = {(reader, read) for reader, read in pairs if (read, reader) not in earlier}
    later = upstream_pairs(graph, open_pairs)
    impossible = later | own
    impossible -= read_in_a_later_turn(block, impossible)
    ordered = set(graph.order)
    for read in reads:
        if read.pair in impossible:
            yield _impossible(read)
        elif read.pair in open_pairs and read.pair not in later and ordered.issuperset(read.pair):
            races.append(read)


def _impossible(open_read: _Open) -> Finding:
    _, step, read = open_read
    reader, other = step.id, read.read.id
    if step is not read.read:
        message = f"step {reader!r} reads {other!r}, which runs after it"
        hint = f"Let {reader!r} depend on what it reads, or read state in a loop."
    elif read.use.block is step.block:
        message = f"step {reader!r} reads its own output before it has run"
        hint = "What carries over from turn to turn is read from state."
    else:
        message = f"a step inside {reader!r} reads what {reader!r} gives when it has ended"
        hint = "Inside, read the steps that stand there."
    return Finding(read_place(read.use, read.path), "read-too-early", message, hint)


def _race(open_read: _Open) -> Finding:
    _, step, read = open_read
    message = f"step {step.id!r} reads {read.read.id!r}, which may run before or after it"
    hint = f"Add {read.read.id!r} to the depends_on of {step.id!r}."
    place = read_place(read.use, read.path)
    return Finding(place, "unordered-read", message, hint, "warning")
