"""From a checked spec to the diagram of it."""

from runfox.cli.drawing.diagram import Diagram, Edge, Node
from runfox.cli.drawing.marks import body_text, loops_of, marks_of
from runfox.spec import Spec, Step
from runfox.spec.model import Block, Do, Each


def diagram(spec: Spec) -> Diagram:
    """Return the picture of a checked spec, one node per step. Steps inside others have their paths as ids."""
    last = None if spec.last is None else _of(spec.last, "finally", "")
    whole = _of(spec.block, spec.name, "")
    return Diagram(
        name=whole.name, nodes=whole.nodes, edges=whole.edges, loops=whole.loops, last=last
    )


def _of(block: Block, name: str, prefix: str) -> Diagram:
    loops = (loop for step in block.steps for loop in loops_of(step, block.index))
    return Diagram(
        name=name,
        nodes=tuple(_node(step, block, prefix) for step in block.steps),
        edges=tuple(
            Edge(prefix + one.step, prefix + step.id, wanted=one.wanted)
            for step in block.steps
            for one in step.depends_on
        ),
        loops=tuple(
            loop._replace(source=prefix + loop.source, target=prefix + loop.target)
            for loop in loops
        ),
    )


def _node(step: Step, block: Block, prefix: str) -> Node:
    path = prefix + step.id
    return Node(
        id=path,
        title=step.id,
        fn=body_text(step),
        label=step.label,
        marks=tuple(marks_of(step, block.index)),
        members=(path,),
        inner=_inner(step, path),
    )


def _inner(step: Step, path: str) -> Diagram | None:
    match step.body:
        case Do(block=block):
            return _of(block, step.id, f"{path}.")
        case Each(item=item):
            return _inner(item, f"{path}[]")
        case _:
            return None
