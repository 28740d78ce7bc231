"""What a workflow needs of a store beyond keeping executions: it is refused where that is not there.

Otherwise a limit would be no limit, and nobody would be told.
"""

from collections.abc import Iterator

from runfox.backend.protocols import Caches, Slots, Store
from runfox.errors import RequestError
from runfox.spec import Spec
from runfox.spec.model import Block, Do, Each, Step


def check_needs(spec: Spec, store: Store) -> None:
    """Raise ``RequestError`` unless a store can do all that a workflow asks for."""
    blocks = (spec.block,) if spec.last is None else (spec.block, spec.last)
    steps = [step for block in blocks for step in _steps(block)]
    if not isinstance(store, Slots):
        limited = ["the workflow"] if spec.limit is not None else []
        limited += [f"step {step.id!r}" for step in steps if step.limit is not None]
        _refuse(limited, "a limit", "holds no limits", spec, store)
    if not isinstance(store, Caches):
        cached = [f"step {step.id!r}" for step in steps if step.cache is not None]
        _refuse(cached, "a cache", "remembers no outputs", spec, store)


def _refuse(places: list[str], what: str, lacks: str, spec: Spec, store: Store) -> None:
    if places:
        raise RequestError(
            f"{places[0]} of {spec.name!r} has {what}, and {type(store).__name__} {lacks}."
            " Use another store, or take it out of the workflow."
        )


def _steps(block: Block) -> Iterator[Step]:
    """Yield the steps of a block, and those inside them."""
    for step in block.steps:
        inner: Step | None = step
        while inner is not None:
            yield inner
            if isinstance(inner.body, Do):
                yield from _steps(inner.body.block)
            inner = inner.body.item if isinstance(inner.body, Each) else None
