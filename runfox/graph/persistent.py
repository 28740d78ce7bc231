"""Collections whose versions share what did not change.

A record is a value: the one before a transition stays as it was. Copying all of it per step would cost
O(steps), so the three collections that grow with the workflow share their parts between versions.
Setting one entry costs the same at 10 and at 10,000 entries, give or take a chunk of 64.
"""

from collections.abc import Iterator, Mapping
from math import isqrt
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

SHIFT = 6
MASK = (1 << SHIFT) - 1

Chunks = list[list[T]]
"""A vector in two levels: a spine of chunks of 64. A chunk is never changed once a record holds it."""


def vector(items: list[T]) -> Chunks[T]:
    """Cut a list into chunks."""
    return [items[start : start + MASK + 1] for start in range(0, len(items), MASK + 1)]


def flat(chunks: Chunks[T]) -> Iterator[T]:
    """The items of a vector in order."""
    for chunk in chunks:
        yield from chunk


class Editor(Generic[T]):
    """A vector under change: copies the spine once and each chunk on its first write."""

    __slots__ = ("_owned", "chunks")

    def __init__(self, chunks: Chunks[T]) -> None:
        self.chunks = chunks
        self._owned: dict[int, list[T]] = {}

    def __getitem__(self, position: int) -> T:
        return self.chunks[position >> SHIFT][position & MASK]

    def __setitem__(self, position: int, item: T) -> None:
        number = position >> SHIFT
        chunk = self._owned.get(number)
        if chunk is None:
            if not self._owned:
                self.chunks = self.chunks.copy()
            chunk = self.chunks[number] = self._owned[number] = self.chunks[number].copy()
        chunk[position & MASK] = item


class Layers(Mapping[str, Any]):
    """A mapping in two layers: what was set recently, over all that was set before.

    ``with_items`` copies the recent layer alone; when that has outgrown the square root of the other, both
    become one. So a write costs O(sqrt(n)) at worst, and less than copying 10 keys in the usual case.
    Keys keep the order in which they were first set. Nothing is ever removed.
    """

    __slots__ = ("_base", "_recent")

    def __init__(self, base: dict[str, Any], recent: dict[str, Any] | None = None) -> None:
        self._base = base
        self._recent = recent if recent is not None else {}

    def with_items(self, items: Mapping[str, Any]) -> "Layers":
        """Return a version with these items set; new keys come after those that were there before."""
        recent = {**self._recent, **items}
        if len(recent) > 16 and len(recent) > isqrt(len(self._base)):
            return Layers({**self._base, **recent})
        return Layers(self._base, recent)

    def __getitem__(self, key: str) -> Any:
        recent = self._recent
        return recent[key] if key in recent else self._base[key]

    def __iter__(self) -> Iterator[str]:
        base = self._base
        yield from base
        for key in self._recent:
            if key not in base:
                yield key

    def __len__(self) -> int:
        return len(self._base) + sum(key not in self._base for key in self._recent)

    def __contains__(self, key: object) -> bool:
        return key in self._recent or key in self._base

    def __repr__(self) -> str:
        return f"Layers({dict(self)!r})"


EMPTY = Layers({})


class Timer(NamedTuple):
    """A node of a leftist heap (Crane 1972): the earliest moment is at the root, insert and pop are O(log n).

    ``due`` orders; the others say what it was for, so that one outlived is recognised: the positions that lead
    to a step (none: the run itself), the run of the step, and what is due then.
    """

    due: Any
    where: tuple[int, ...]
    run_id: int
    kind: str
    rank: int = 1
    left: "Timer | None" = None
    right: "Timer | None" = None


def meld(a: Timer | None, b: Timer | None) -> Timer | None:
    """Join two heaps into one; neither is changed."""
    if a is None or b is None:
        return a or b
    if b[:4] < a[:4]:
        a, b = b, a
    left, right = a.left, meld(a.right, b)
    if left is None or (right is not None and left.rank < right.rank):
        left, right = right, left
    rank = right.rank + 1 if right is not None else 1
    return Timer(a.due, a.where, a.run_id, a.kind, rank, left, right)


class Stack(NamedTuple):
    """A list that grows at its end, each version sharing what was there before."""

    top: Any
    below: "Stack | None" = None
    size: int = 1


def pushed(stack: Stack | None, item: Any) -> Stack:
    """Return a stack with one more item on it."""
    return Stack(item, stack, stack.size + 1 if stack is not None else 1)


def from_top(stack: Stack | None) -> Iterator[Any]:
    """The items of a stack, the last one first."""
    while stack is not None:
        yield stack.top
        stack = stack.below
