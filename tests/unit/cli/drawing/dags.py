"""Diagrams for tests: by hand, and random ones without cycles."""

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from runfox.cli.drawing.diagram import Diagram, Edge, Loop, Mark, Node


def node(name: str, fn: str = "work", *marks: Mark, label: str | None = None) -> Node:
    return Node(id=name, title=name, fn=fn, label=label, marks=marks, members=(name,))


def of(
    needs: Mapping[str, Iterable[str]],
    *,
    loops: Iterable[tuple[str, str]] = (),
    fns: Mapping[str, str] | None = None,
) -> Diagram:
    """Each step with what it depends on: ``of({"a": "", "b": "a"})``."""
    return Diagram(
        name="test",
        nodes=tuple(node(name, (fns or {}).get(name, "work")) for name in needs),
        edges=tuple(Edge(above, name) for name, parts in needs.items() for above in parts),
        loops=tuple(Loop(source, target, "") for source, target in loops),
    )


@st.composite
def dags(draw: st.DrawFn, *, most: int = 14) -> Diagram:
    """Up to ``most`` steps of three functions, in an order of the file that says nothing."""
    names = [f"s{number}" for number in range(draw(st.integers(0, most)))]
    needs: dict[str, set[str]] = {}
    for number, name in enumerate(names):
        above = st.sets(st.sampled_from(names[:number]), max_size=4) if number else st.just(set())
        needs[name] = draw(above)
    order = draw(st.permutations(names))
    step = st.sampled_from(names) if names else st.nothing()
    loops = draw(st.lists(st.tuples(step, step), max_size=4, unique=True)) if names else []
    fns = {name: draw(st.sampled_from(["cut", "sew", "iron"])) for name in names}
    return of({name: sorted(needs[name]) for name in order}, loops=loops, fns=fns)


def reachable(diagram: Diagram) -> set[tuple[str, str]]:
    """All pairs of steps of which the second runs after the first, through nodes or groups."""
    members = {node.id: node.members for node in diagram.nodes}
    after: dict[str, set[str]] = {node.id: set() for node in diagram.nodes}
    for edge in diagram.edges:
        after[edge.source].add(edge.target)
    pairs = set()
    for start in after:
        seen, waiting = {start}, [start]
        while waiting:
            fresh = after[waiting.pop()] - seen
            seen |= fresh
            waiting += fresh
        pairs |= {(a, b) for end in seen for a in members[start] for b in members[end] if a != b}
    return pairs
