"""A hostile text in every place of every public method that takes a text: refused or kept, and nothing else.

Methods are found by looking, so a new one is covered without being named here.
"""

import asyncio
import inspect
import sqlite3
import typing
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import UnionType

import pytest

from runfox import Backend, InMemoryStore, InProcessRunner, SqliteRunner, SqliteStore, Workflow
from runfox.backend import protocols
from runfox.errors import RunfoxError
from runfox.graph import StepResult
from runfox.spec import Spec, from_data
from runfox.testing import NOW, a_creation, a_definition
from runfox.testing.hostile import PAYLOAD, TEXTS

SPEC = from_data(
    {
        "name": "flow",
        "version": "1",
        "labels": {"team": "shop"},
        "steps": [{"id": "a"}, {"id": "b"}],
    }
)
TEXT = '{"name": "other", "steps": [{"id": "a"}]}'

LONG = {"wait", "close", "stop", "run"}
"""Methods that wait, or end the object: the texts that ``wait`` takes are keys, as those of ``load``."""

WORDS = {
    "key": "x1",
    "keys": "x1",
    "execution_id": "x1",
    "workflow_execution_id": "x1",
    "step": "a",
    "step_id": "a",
    "name": "flow",
    "workflow_id": SPEC.workflow_id,
    "yaml_text": TEXT,
    "path": str(Path(__file__).parents[1] / "patterns" / "wcp01.yaml"),
}
"""What is meant by a parameter of that name, so that the others are sound while one is hostile."""

OURS = ("runfox.graph.facts", "runfox.graph.record", "runfox.graph.layout")
"""Where the values are that no caller makes."""

FILES = {"path"}
"""Parameters that are files of the caller's: what the system says of them is raised as it is."""


class Sound:
    """Sound values, by type and name, for a store that has an execution ``x1``."""

    def __init__(self, backend):
        self.backend = backend
        self.commit = a_creation("x2", SPEC)[0]
        self.depth = 0

    def of(self, kind, name, hostile=None):
        """Return values for a parameter: of a text the sound one, or with ``hostile`` those with that in them."""
        if kind is str:
            return [WORDS.get(name, "word") if hostile is None else hostile]
        origin, inner = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, UnionType):
            kinds = [one for one in inner if one is not type(None)]
            found = [self.of(one, name, hostile) for one in kinds]
            return (
                [value for values in found for value in values] if hostile is not None else found[0]
            )
        if origin in (Mapping, dict):
            return [{} if hostile is None else {hostile: hostile}]
        if origin is tuple and inner[-1] is not Ellipsis:
            sound = [(self.of(one, name) or [None])[0] for one in inner]
            if hostile is None:
                return [tuple(sound)]
            return [
                (*sound[:place], value, *sound[place + 1 :])
                for place, one in enumerate(inner)
                for value in self.of(one, name, hostile)
            ]
        if origin in (Sequence, Iterable, list, tuple, set, frozenset):
            found = self.of(inner[0], name, hostile) if inner else []
            return [(one,) for one in found] if hostile is not None else [tuple(found[:1])]
        return self._plain(kind, hostile)

    def _plain(self, kind, hostile):
        if kind is typing.Any or kind is object:
            return [{"n": 1} if hostile is None else {hostile: [hostile], "all": PAYLOAD}]
        if inspect.isclass(kind) and hasattr(kind, "_fields"):
            return self._of_fields(kind, hostile)
        plain = {
            int: 1,
            bool: False,
            float: 0.0,
            datetime: NOW,
            timedelta: timedelta(0),
            Spec: SPEC,
            Backend: self.backend,
        }
        return [] if hostile is not None else [plain.get(kind)]

    def _of_fields(self, kind, hostile):
        if self.depth > 2 or kind.__module__.startswith(OURS):
            return []
        hints = typing.get_type_hints(kind)
        sound = self._sound(kind)
        if hostile is None:
            return [sound]
        self.depth += 1
        found = [
            sound._replace(**{field: value})
            for field in kind._fields
            if hints[field] is not typing.Any
            for value in self.of(hints[field], field, hostile)
        ]
        self.depth -= 1
        return found

    def _sound(self, kind):
        if kind is protocols.Commit:
            return self.commit
        if kind is protocols.Definition:
            return a_definition(SPEC)
        hints = typing.get_type_hints(kind)
        given = {
            field: (self.of(hints[field], field) or [None])[0]
            for field in kind._fields
            if field not in kind._field_defaults
        }
        return kind(**given)


def methods(thing):
    """Yield the public methods of an object or class, with the types of what they take."""
    for name, method in inspect.getmembers(thing, callable):
        if name.startswith("_") or name in LONG or inspect.isclass(method):
            continue
        try:
            parameters = inspect.signature(method).parameters
            hints = typing.get_type_hints(method)
        except (TypeError, ValueError, NameError):
            continue
        if sqlite3.Connection in hints.values():  # for the store itself, within its transaction
            continue
        yield name, method, {key: (one, hints.get(key)) for key, one in parameters.items()}


def attempts(thing, sound, hostile):
    """Yield calls with one hostile text each: the method, its arguments, and which of them it is."""
    for name, method, parameters in methods(thing):
        for bad, (_, kind) in parameters.items():
            for value in sound.of(kind, bad, hostile) if kind is not None else []:
                positional, named = [], {}
                for key, (parameter, other) in parameters.items():
                    if key != bad and parameter.default is not parameter.empty:
                        continue
                    given = value if key == bad else (sound.of(other, key) or [None])[0]
                    if parameter.kind is parameter.VAR_POSITIONAL:
                        positional += [given] if key == bad else []
                    elif parameter.kind is parameter.KEYWORD_ONLY:
                        named[key] = given
                    elif parameter.kind is not parameter.VAR_KEYWORD:
                        positional.append(given)
                yield name, bad, method, positional, named


def tables(path):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return sorted(
            connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall(), key=repr
        )


@pytest.fixture(params=["memory", "sqlite"])
def backend(request, tmp_path):
    if request.param == "memory":
        backend = Backend(InMemoryStore(), InProcessRunner())
    else:
        path = tmp_path / "runs.db"
        backend = Backend(SqliteStore(path, profile="fast"), SqliteRunner(path, profile="fast"))
    backend.create(SPEC, execution_id="x1")
    backend.step("x1")
    yield backend
    if request.param == "sqlite":
        backend.store.close()
        backend.runner.close()


def things(backend):
    ledger = getattr(backend.store, "ledger", None)
    workflow = Workflow.resume("x1", backend)
    return [
        backend,
        workflow,
        backend.store,
        backend.runner,
        *([ledger] if ledger is not None else []),
    ]


@pytest.mark.parametrize("hostile", [text for text in TEXTS if text])
def test_a_hostile_text_is_refused_or_kept_in_every_place(backend, hostile, tmp_path):
    path = tmp_path / "runs.db"
    before = tables(path) if path.exists() else None
    sound, tried = Sound(backend), set()
    for thing in things(backend):
        for name, bad, method, positional, named in attempts(thing, sound, hostile):
            tried.add((type(thing).__name__, name, bad))
            known = (RunfoxError, OSError, ValueError) if bad in FILES else RunfoxError
            try:
                with suppress(known):
                    answer = method(*positional, **named)
                    if inspect.iscoroutine(answer):
                        asyncio.run(answer)
            except Exception as error:
                raise AssertionError(f"{type(thing).__name__}.{name}({bad}=...)") from error
    assert len(tried) > 60
    if before is not None:
        assert tables(path) == before
    assert backend.load("x1").workflow_id == SPEC.workflow_id
    for step in ("a", "b"):
        backend.step("x1", [StepResult(step, 0, {})])
    assert backend.load("x1").status.ended
