"""Questions about the dependency graph, asked for many steps at once so that none costs O(steps) by itself."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeVar

BATCH = 1024
"""Bits that travel through the graph together: 128 bytes for each step, whatever the number of steps."""

_Item = TypeVar("_Item")


class Graph(NamedTuple):
    """``dependencies`` by position: known, without repeats, without the step itself.

    ``order`` has each step after its dependencies, and leaves out those on or behind a cycle.
    """

    dependencies: list[list[int]]
    order: list[int]


def graph_of(dependencies: list[list[int]]) -> Graph:
    return Graph(dependencies, _order(dependencies))


def _order(dependencies: Sequence[Sequence[int]]) -> list[int]:
    waiting = [len(found) for found in dependencies]
    dependents: list[list[int]] = [[] for _ in dependencies]
    for position, found in enumerate(dependencies):
        for dependency in found:
            dependents[dependency].append(position)
    order = [position for position, count in enumerate(waiting) if count == 0]
    for position in order:  # grows while it is gone through
        for dependent in dependents[position]:
            waiting[dependent] -= 1
            if waiting[dependent] == 0:
                order.append(dependent)
    return order


def cycles(graph: Graph) -> Iterator[list[int]]:
    """Give a cycle for each group of steps that wait for each other: positions, each before its dependency."""
    ordered = set(graph.order)
    walked: dict[int, int] = {}
    for start in range(len(graph.dependencies)):
        position, trail = start, []
        # What is not in the order has a dependency that is not either, so the walk ends on a cycle.
        while position not in ordered and position not in walked:
            walked[position] = start
            trail.append(position)
            position = next(d for d in graph.dependencies[position] if d not in ordered)
        if position not in ordered and walked[position] == start and trail:
            yield trail[trail.index(position) :]


def batches(items: list[_Item]) -> Iterator[list[_Item]]:
    """Cut a list into parts, a bit for each item of which can travel through the graph at once."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]


class Flow(NamedTuple):
    """Which seeds reach a step: ``before`` from its dependencies, ``here`` with its own."""

    before: int
    here: int


def flow(graph: Graph, seeds: dict[int, int], wanted: set[int]) -> dict[int, Flow]:
    """Return the seeds, as bits, upstream of the wanted steps. Those on or behind a cycle are left out."""
    reached = [0] * len(graph.dependencies)
    found: dict[int, Flow] = {}
    for position in graph.order:
        before = 0
        for dependency in graph.dependencies[position]:
            before |= reached[dependency]
        reached[position] = here = before | seeds.get(position, 0)
        if position in wanted:
            found[position] = Flow(before, here)
    return found


def upstream_pairs(graph: Graph, pairs: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return those (one, other) of the pairs in which one must be complete before the other starts.

    Costs O(steps + dependencies) for each 1,024 different ones.
    """
    by_one: dict[int, list[int]] = {}
    for one, other in pairs:
        by_one.setdefault(one, []).append(other)
    result: set[tuple[int, int]] = set()
    for batch in batches(list(by_one)):
        seeds = {one: 1 << bit for bit, one in enumerate(batch)}
        reached = flow(graph, seeds, {other for one in batch for other in by_one[one]})
        for one in batch:
            for other in by_one[one]:
                if other in reached and reached[other].before & seeds[one]:
                    result.add((one, other))
    return result
