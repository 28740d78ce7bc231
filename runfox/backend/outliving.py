"""Which executions have been over for so long that nobody needs them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from runfox.backend.protocols import Summary


class Over(NamedTuple):
    """Executions that called each other and have all ended, the last of them then."""

    root: str
    name: str
    ended_at: datetime
    members: int


def over(executions: Iterable[Summary], before: datetime) -> list[Over]:
    """Return what ``Prunes.prune`` would delete of these, the oldest first."""
    known = {one.execution_id: one for one in executions}
    families: dict[str, list[Summary]] = defaultdict(list)
    for one in known.values():
        families[_root(one, known)].append(one)
    found = []
    for root, family in families.items():
        ends = [one.ended_at for one in family if one.ended_at is not None]
        if len(ends) == len(family) and max(ends) < before:
            found.append(Over(root, known[root].name, max(ends), len(family)))
    return sorted(found, key=lambda one: (one.ended_at, one.root))


def _root(summary: Summary, known: Mapping[str, Summary]) -> str:
    while summary.parent is not None and summary.parent in known:
        summary = known[summary.parent]
    return summary.execution_id
