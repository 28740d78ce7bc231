"""One execution in memory, and what is listed of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import itemgetter

from runfox.backend import codec
from runfox.backend.protocols import Commit, Query, Summary
from runfox.graph import Fact
from runfox.values import parse


class Execution:
    """All that is kept of one execution."""

    __slots__ = ("_identity", "commit", "facts")

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.facts: list[tuple[datetime, tuple[Fact, ...]]] = [(commit.at, commit.facts)]
        self._identity: codec.Identity | None = None

    @property
    def identity(self) -> codec.Identity:
        """What never changes of it. Reckoned when it is first asked for: most are never listed."""
        if self._identity is None:
            self._identity = codec.identity(self.commit)
        return self._identity

    def fits(self, query: Query) -> bool:
        """Return whether it is one of those that are asked for."""
        identity = self.identity
        return (
            identity.execution_id.startswith(query.prefix)
            and query.status in (None, self.commit.record.status)
            and query.name in (None, identity.name)
            and query.parent in (None, identity.parent)
            and not (query.roots and identity.parent is not None)
            and (query.since is None or self.commit.at >= query.since)
            and (query.before is None or self.commit.at < query.before)
            and (not query.labels or query.labels.items() <= parse(identity.labels).items())
        )

    def summary(self) -> Summary:
        """Return its line of a listing."""
        record, identity = self.commit.record, self.identity
        return Summary(
            identity.execution_id,
            identity.workflow_id,
            identity.name,
            record.status,
            record.revision,
            codec.moment(identity.created_at),
            self.commit.at,
            record.ended_at,
            str(record.error["type"]) if record.error is not None else None,
            parse(identity.labels),
            identity.parent,
            record.wake_at,
            identity.priority,
        )


def over(executions: Mapping[str, Execution], before: datetime) -> Iterator[list[str]]:
    """Yield the families of executions that called each other that had ended by then, callers last."""
    families: dict[str, list[str]] = {}
    for execution_id, kept in reversed(list(executions.items())):
        families.setdefault(kept.identity.root or execution_id, []).append(execution_id)
    ended = [
        (max(times), family)
        for root, family in families.items()
        if root in executions
        and (times := [executions[one].commit.record.ended_at or before for one in family])
        and max(times) < before
    ]
    return (family for _, family in sorted(ended, key=itemgetter(0)))
