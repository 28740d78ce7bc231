"""A store of a third party, written from runfox.backend.protocols alone: the least that will do.

It keeps texts in a folder, as any blob store could, and has no queue, no inbox, no history and no lists.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock

from runfox.backend import codec
from runfox.backend.protocols import Commit, Definition, Limits, Loaded
from runfox.errors import DefinitionNotFound, ExecutionNotFound, RevisionConflict


class TextStore:
    """One file per execution and per definition. Safe for threads of one process."""

    def __init__(self, folder: Path) -> None:
        self.limits = Limits()
        self.database: str | None = None
        self._folder = folder
        self._lock = Lock()

    def now(self) -> datetime:
        return codec.moment(codec.milliseconds(datetime.now(UTC)))

    def create(self, commit: Commit, definition: Definition) -> bool:
        with self._lock:
            if self._execution(commit.execution_id).exists():
                return False
            self._write(self._definition(definition.workflow_id), list(definition))
            self._keep(commit)
            return True

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        kept = self._read(self._execution(execution_id))
        if kept is None:
            raise ExecutionNotFound(execution_id)
        if kept["revision"] == known:
            return Loaded(kept["workflow_id"], known)
        return Loaded(kept["workflow_id"], kept["revision"], snapshot=kept["record"])

    def commit(self, commit: Commit) -> bool:
        with self._lock:
            kept = self._read(self._execution(commit.execution_id))
            if kept is None:
                raise ExecutionNotFound(commit.execution_id)
            if (kept["revision"], kept["token"]) == (commit.revision, commit.token):
                return False
            if kept["revision"] != commit.revision - 1:
                raise RevisionConflict(commit.execution_id, commit.revision - 1)
            self._keep(commit)
            return False

    def definition(self, workflow_id: str) -> Definition:
        kept = self._read(self._definition(workflow_id))
        if kept is None:
            raise DefinitionNotFound(workflow_id)
        return Definition(*kept)

    def _keep(self, commit: Commit) -> None:
        kept = {
            "workflow_id": commit.record.workflow_id,
            "revision": commit.revision,
            "token": commit.token,
            "record": codec.record_text(commit.record),
        }
        self._write(self._execution(commit.execution_id), kept)

    def _execution(self, execution_id: str) -> Path:
        return self._path("execution", execution_id)

    def _definition(self, workflow_id: str) -> Path:
        return self._path("definition", workflow_id)

    def _path(self, kind: str, name: str) -> Path:
        return self._folder / f"{kind}-{sha256(json.dumps(name).encode()).hexdigest()}"

    def _read(self, path: Path) -> object | None:
        return json.loads(path.read_text()) if path.exists() else None

    def _write(self, path: Path, value: object) -> None:
        with _replacing(path) as new:
            new.write_text(json.dumps(value))


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    new = path.with_suffix(".new")
    yield new
    new.replace(path)
