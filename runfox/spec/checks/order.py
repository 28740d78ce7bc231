"""Reads of other steps: what is read has run by then."""

from collections.abc import Iterator
from typing import NamedTuple

from runfox.spec.checks.graph import Graph, upstream_pairs
from runfox.spec.checks.logic import Use
from runfox.spec.checks.loops import read_in_a_later_turn
from runfox.spec.checks.outline import Outline
from runfox.spec.checks.reads import read_place, step_read
from runfox.spec.problem import Finding, Path


class _Read(NamedTuple):
    """A step reads another, or itself, that is not one of its direct dependencies."""

    reader: int
    read: int
    use: Use
    path: Path


def reads_out_of_order(outline: Outline, graph: Graph, uses: list[Use]) -> Iterator[Finding]:
    """Reads of oneself or of a later step are errors, unless in a loop; of a step that runs beside, warnings."""
    reads = list(_reads(outline, graph, uses))
    pairs = {(read.reader, read.read) for read in reads if read.reader != read.read}
    earlier = upstream_pairs(graph, {(read, reader) for reader, read in pairs})
    open_pairs = {(reader, read) for reader, read in pairs if (read, reader) not in earlier}
    later = upstream_pairs(graph, open_pairs)
    impossible = later | {(read.reader, read.read) for read in reads if read.reader == read.read}
    impossible -= read_in_a_later_turn(outline, graph, impossible)
    ordered = set(graph.order)
    # Errors first: of very many findings only the first are looked at.
    for read in reads:
        if (read.reader, read.read) in impossible:
            yield _impossible(outline, read)
    for read in reads:
        pair = (read.reader, read.read)
        if pair in open_pairs and pair not in later and ordered.issuperset(pair):
            yield _race(outline, read)


def _reads(outline: Outline, graph: Graph, uses: list[Use]) -> Iterator[_Read]:
    direct = [set(found) if len(found) > 8 else found for found in graph.dependencies]
    for use in uses:
        if use.step is None:
            continue
        for path in use.expression.reads:
            if len(path) < 2 or path[0] != "steps":
                continue
            read = outline.positions.get(step_read(path) or "")
            if read is None or read in direct[use.step] or (read == use.step and use.judges):
                continue
            yield _Read(use.step, read, use, path)


def _impossible(outline: Outline, read: _Read) -> Finding:
    reader, other = outline.steps[read.reader].id, outline.steps[read.read].id
    if reader == other:
        message = f"step {reader!r} reads its own output before it has run"
        hint = "What carries over from turn to turn is read from state."
    else:
        message = f"step {reader!r} reads {other!r}, which runs after it"
        hint = f"Let {reader!r} depend on what it reads, or read state in a loop."
    return Finding(read_place(read.use, read.path), "read-too-early", message, hint)


def _race(outline: Outline, read: _Read) -> Finding:
    reader, other = outline.steps[read.reader].id, outline.steps[read.read].id
    message = f"step {reader!r} reads {other!r}, which may run before or after it"
    hint = f"Add {other!r} to the depends_on of {reader!r}."
    return Finding(read_place(read.use, read.path), "unordered-read", message, hint, "warning")
