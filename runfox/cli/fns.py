"""Which functions a workflow needs of its executor."""

from collections.abc import Iterable, Iterator

from runfox.spec import Spec, Step
from runfox.spec.model import Do, Each, Fn


def fns_of(spec: Spec) -> tuple[str, ...]:
    """Return the names in the order of the file, those of undos and of the workflows of the file too."""
    return tuple(dict.fromkeys(_of(spec)))


def _of(spec: Spec) -> Iterator[str]:
    yield from _of_steps(spec.steps)
    if spec.last is not None:
        yield from _of_steps(spec.last.steps)
    for other in spec.workflows.values():
        yield from _of(other)


def _of_steps(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        match step.body:
            case Fn(name=name):
                yield name
            case Do(block=block):
                yield from _of_steps(block.steps)
            case Each(item=item):
                yield from _of_steps([item])
        if step.undo is not None:
            yield step.undo.fn
