"""A run in a file: itself and those that it called, with their histories, as JSON that any store can take in."""

from typing import Any, NamedTuple

from runfox.backend import codec
from runfox.backend.codec import milliseconds, moment
from runfox.backend.ids import execution_id as checked_id
from runfox.backend.protocols import Definition, Message, Row
from runfox.errors import RequestError
from runfox.spec import build
from runfox.values import Json, digest, parse, text

KIND = "runfox run"
FORMAT = 1


class Carried(NamedTuple):
    """An execution on its way: all of its history, and the messages that nobody had used."""

    execution_id: str
    workflow_id: str
    rows: tuple[Row, ...]
    messages: tuple[Message, ...] = ()


class Parcel(NamedTuple):
    """What a file holds. The first execution is the one that no other called; callers stand before the called.

    ``engine`` is the least that reads it, as ``Loaded.min_engine``.
    """

    engine: int
    definitions: tuple[Definition, ...]
    executions: tuple[Carried, ...]


class ParcelRefused(RequestError):
    """A file holds no run that could be taken in. Nothing was changed."""


def packed(parcel: Parcel) -> dict[str, Json]:
    """Return a parcel as JSON, with a checksum of all that is in it."""
    body: dict[str, Json] = {
        "kind": KIND,
        "format": FORMAT,
        "engine": parcel.engine,
        "id": parcel.executions[0].execution_id,
        "definitions": [
            {**one._replace(text="")._asdict(), "text": parse(one.text)}
            for one in parcel.definitions
        ],
        "executions": [_packed(one) for one in parcel.executions],
    }
    return {**body, "checksum": digest(body)}


def _packed(carried: Carried) -> dict[str, Json]:
    return {
        "execution_id": carried.execution_id,
        "workflow_id": carried.workflow_id,
        "history": [[row.revision, milliseconds(row.at), parse(row.facts)] for row in carried.rows],
        "inbox": [[one.key, one.kind, one.body] for one in carried.messages],
    }


def unpacked(data: Json) -> Parcel:
    """Return the parcel of what a file holds. Raises ``ParcelRefused``."""
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise ParcelRefused("this is no run that runfox exported")
    if data.get("format") != FORMAT:
        raise ParcelRefused(
            f"the file has format {data.get('format')!r}, and this runfox reads {FORMAT}: use a newer one"
        )
    body = {key: value for key, value in data.items() if key != "checksum"}
    if data.get("checksum") != digest(body):
        raise ParcelRefused(
            "the file was changed, or cut: its checksum does not fit. Export it again"
        )
    engine = data.get("engine")
    if not isinstance(engine, int) or engine > codec.FORMAT:
        raise ParcelRefused(
            f"a runfox of format {engine} wrote it, and this one reads {codec.FORMAT}: upgrade this one first"
        )
    try:
        parcel = _unpacked(engine, data)
    except codec.UNREADABLE as error:
        raise ParcelRefused(f"the file cannot be read: {error!r}") from error
    known = {one.workflow_id for one in parcel.definitions}
    if not parcel.executions or any(one.workflow_id not in known for one in parcel.executions):
        raise ParcelRefused("a workflow of the run is missing in the file")
    return parcel


def _unpacked(engine: int, data: dict[str, Any]) -> Parcel:
    return Parcel(
        engine,
        tuple(_definition(one) for one in data["definitions"]),
        tuple(_carried(one) for one in data["executions"]),
    )


def _definition(data: dict[str, Any]) -> Definition:
    definition = Definition(data["workflow_id"], data["name"], data["version"], text(data["text"]))
    if build(parse(definition.text)).workflow_id != definition.workflow_id:
        raise ParcelRefused(f"the workflow {definition.name!r} is not the one of its id")
    return definition


def _carried(data: dict[str, Any]) -> Carried:
    own = checked_id(data["execution_id"])
    rows = tuple(Row(number, moment(at), text(facts)) for number, at, facts in data["history"])
    if [row.revision for row in rows] != list(range(1, len(rows) + 1)) or not rows:
        raise ParcelRefused(f"the history of {own} has a gap")
    messages = tuple(Message(own, key, kind, said) for key, kind, said in data["inbox"])
    return Carried(own, data["workflow_id"], rows, messages)
