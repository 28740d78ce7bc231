"""Questions about ten thousand steps cost about what they touch, and are answered right."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from runfox.spec.checks.graph import BATCH, Graph, cycles, flow, upstream_pairs
from runfox.spec.checks.outlining import outline_of
from runfox.spec.loading import from_data
from runfox.values import Json

MANY = 10_000


def graph_of(dependencies: dict[str, list[str]]) -> tuple[Graph, dict[str, int]]:
    steps = [{"id": name, "depends_on": found} for name, found in dependencies.items()]
    (block,) = outline_of({"name": "x", "steps": steps}).blocks
    return block.graph, block.positions


GRAPHS = st.integers(1, 12).flatmap(
    lambda size: st.lists(
        st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=3 * size
    ).map(lambda edges: (size, edges))
)


def reachable(size: int, edges: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """All (one, other) with a way from one to other over at least one edge, the slow way."""
    found = {(a, b) for a, b in edges if a != b}
    while True:
        more = found | {(a, d) for a, b in found for c, d in found if b == c}
        if more == found:
            return found
        found = more


@given(GRAPHS)
def test_upstream_pairs_are_those_with_a_way_between_them(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    size, edges = drawn
    ways = reachable(size, edges)
    found, _ = graph_of(
        {f"s{i}": sorted({f"s{a}" for a, b in edges if b == i and a != i}) for i in range(size)}
    )
    circular = {i for i in range(size) if (i, i) in ways}
    behind = circular | {b for a, b in ways if a in circular}
    pairs = {(a, b) for a in range(size) for b in range(size)}
    expected = {(a, b) for a, b in ways if a not in behind and b not in behind}
    assert upstream_pairs(found, pairs) == expected
    assert set(range(size)) - set(found.order) == behind


@given(GRAPHS)
def test_a_cycle_is_found_exactly_where_there_is_one(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    size, edges = drawn
    ways = reachable(size, edges)
    found, _ = graph_of(
        {f"s{i}": sorted({f"s{a}" for a, b in edges if b == i and a != i}) for i in range(size)}
    )
    named = list(cycles(found))
    assert bool(named) == any((i, i) in ways for i in range(size))
    for cycle in named:
        for one, other in pairwise([*cycle, cycle[0]]):
            assert other in found.dependencies[one]


def test_questions_travel_in_batches() -> None:
    found, _ = graph_of({f"s{i}": [f"s{i - 1}"] if i else [] for i in range(3_000)})
    pairs = {(i, 2_999) for i in range(2_999)} | {(2_999, 0), (5, 5)}
    assert upstream_pairs(found, pairs) == {(i, 2_999) for i in range(2_999)}
    assert max(flow(found, {0: 1 << (BATCH - 1)}, {2_999})[2_999]).bit_length() == BATCH


def chain(**last: Json) -> dict[str, Json]:
    steps: list[dict[str, Json]] = [
        {
            "id": f"s{i}",
            "depends_on": [f"s{i - 1}"] if i else [],
            "input": {"v": {"var": f"steps.s{max(i - 1, 0)}.output.v"}} if i else {},
        }
        for i in range(MANY - 1)
    ]
    return {"name": "x", "steps": [*steps, {"id": "last", "depends_on": [f"s{MANY - 2}"], **last}]}


def test_a_chain_of_ten_thousand_and_a_step_that_reads_them_all_are_sound() -> None:
    reads = {f"v{i}": {"var": f"steps.s{i}.output.v"} for i in range(MANY - 1)}
    assert len(from_data(chain(input=reads)).steps) == MANY


def test_ten_thousand_steps_that_each_read_the_first_are_sound() -> None:
    data = chain()
    for step in data["steps"][1:]:
        step["input"] = {"v": {"var": "steps.s0.output.v"}}
    assert len(from_data(data).steps) == MANY
