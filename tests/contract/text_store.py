"""A store of a third party, written from runfox.backend.protocols alone: the least that will do.

It keeps everything in one text, as any place could that replaces a value as a whole. It has no queue, no
history, no lists and no limits.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from runfox.backend import codec, records
from runfox.backend.protocols import Commit, Definition, Limits, Loaded, Message, Start
from runfox.errors import DefinitionNotFound, ExecutionNotFound, RevisionConflict

EMPTY = '{"executions": {}, "definitions": {}, "messages": [], "place": 0}'


class TextStore:
    """One file. Safe for threads of one process."""

    def __init__(self, folder: Path) -> None:
        self.limits = Limits()
        self.database: str | None = None
        self._path = folder / "everything.json"
        self._lock = Lock()

    def now(self) -> datetime:
        return codec.moment(codec.milliseconds(datetime.now(UTC)))

    def create(self, commit: Commit, definition: Definition) -> bool:
        with self._writing() as kept:
            if commit.execution_id in kept["executions"]:
                return False
            self._make(kept, commit, [Start(commit, definition), *commit.starts])
            return True

    def load(self, execution_id: str, *, known: int = 0) -> Loaded:
        found = self._read()["executions"].get(execution_id)
        if found is None:
            raise ExecutionNotFound(execution_id)
        if found["revision"] == known:
            return Loaded(found["workflow_id"], known)
        return Loaded(found["workflow_id"], found["revision"], snapshot=found["record"])

    def commit(self, commit: Commit) -> bool:
        own = commit.execution_id
        with self._writing() as kept:
            found = kept["executions"].get(own)
            if found is None:
                raise ExecutionNotFound(own)
            if (found["revision"], found["token"]) != (commit.revision, commit.token):
                if found["revision"] != commit.revision - 1:
                    raise RevisionConflict(own, commit.revision - 1)
                if commit.consumed is not None:
                    _forget(kept, own, commit.consumed)
                kept["executions"][own] = _execution(commit)
                self._make(kept, commit, commit.starts)
            return any(message[0] == own for message in kept["messages"])

    def definition(self, workflow_id: str) -> Definition:
        found = self._read()["definitions"].get(workflow_id)
        if found is None:
            raise DefinitionNotFound(workflow_id)
        return Definition(*found)

    # What a commit does beyond its execution

    def _make(self, kept: dict[str, Any], commit: Commit, starts: Iterable[Start]) -> None:
        for begun, definition in starts:
            if begun.execution_id not in kept["executions"]:
                kept["executions"][begun.execution_id] = _execution(begun)
                kept["definitions"].setdefault(definition.workflow_id, list(definition))
                if begun is not commit:
                    self._make(kept, begun, begun.starts)
        for message in commit.messages:
            _put(kept, message)

    # Inbox

    def put(self, message: Message) -> bool:
        with self._writing() as kept:
            if message.execution_id not in kept["executions"]:
                raise ExecutionNotFound(message.execution_id)
            return _put(kept, message)

    def read(self, execution_id: str, limit: int) -> list[Message]:
        messages = [Message(*fields) for fields in self._read()["messages"]]
        return [message for message in messages if message.execution_id == execution_id][:limit]

    def forget(self, execution_id: str, place: int) -> None:
        with self._writing() as kept:
            _forget(kept, execution_id, place)

    # The file

    def _read(self) -> dict[str, Any]:
        return json.loads(self._path.read_text() if self._path.exists() else EMPTY)

    @contextmanager
    def _writing(self) -> Iterator[dict[str, Any]]:
        """Give what is kept, to be changed: all of it is written afterwards, or nothing on an exception."""
        with self._lock:
            kept = self._read()
            yield kept
            new = self._path.with_suffix(".new")
            new.write_text(json.dumps(kept))
            new.replace(self._path)


def _execution(commit: Commit) -> dict[str, Any]:
    return {
        "workflow_id": commit.record.workflow_id,
        "revision": commit.revision,
        "token": commit.token,
        "record": records.record_text(commit.record),
    }


def _put(kept: dict[str, Any], message: Message) -> bool:
    there = message.execution_id in kept["executions"]
    if not there or any(other[:2] == list(message[:2]) for other in kept["messages"]):
        return False
    kept["place"] += 1
    kept["messages"].append(list(message._replace(place=kept["place"])))
    return True


def _forget(kept: dict[str, Any], execution_id: str, place: int) -> None:
    kept["messages"] = [
        message for message in kept["messages"] if message[0] != execution_id or message[4] > place
    ]
