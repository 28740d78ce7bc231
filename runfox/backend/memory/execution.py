"""One execution in memory, and what is listed of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from runfox.backend import codec
from runfox.backend.protocols import Commit, Summary
from runfox.graph import Fact
from runfox.status import WorkflowStatus
from runfox.values import parse


class Wanted(NamedTuple):
    """What executions are asked for, as ``Lists.executions`` has it."""

    status: WorkflowStatus | None
    name: str | None
    prefix: str
    labels: Mapping[str, str]
    parent: str | None
    roots: bool


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

    def fits(self, wanted: Wanted) -> bool:
        """Return whether it is one of those that are asked for."""
        identity = self.identity
        return (
            identity.execution_id.startswith(wanted.prefix)
            and wanted.status in (None, self.commit.record.status)
            and wanted.name in (None, identity.name)
            and wanted.parent in (None, identity.parent)
            and not (wanted.roots and identity.parent is not None)
            and (not wanted.labels or wanted.labels.items() <= parse(identity.labels).items())
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
