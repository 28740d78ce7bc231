"""What a step waits for, what it does for each item, and when runs start; nothing is checked here."""

from collections.abc import Iterator
from typing import Any

from runfox.spec import instants
from runfox.spec.compiled import Compiled
from runfox.spec.data_schema import DataSchema
from runfox.spec.forms import share_of
from runfox.spec.model import Each, Schedule, Signal, Step, Tolerance, Wait
from runfox.spec.modifiers import span
from runfox.values import Json


def wait_of(value: Json, compiled: Compiled) -> Wait:
    ways = value if type(value) is list else [value]
    return Wait(
        delays=tuple([compiled.template(way["for"]) for way in ways if "for" in way]),
        instants=tuple([compiled.template(way["until"]) for way in ways if "until" in way]),
        signals=tuple([_signal(way, compiled) for way in ways if "signal" in way]),
    )


def _signal(way: dict[str, Any], compiled: Compiled) -> Signal:
    return Signal(
        name=way["signal"],
        key=compiled.template(way["key"]) if "key" in way else None,
        data=DataSchema(way["data"]) if "data" in way else None,
        buffer=way.get("buffer", True),
    )


def each_of(value: dict[str, Any], item: Step, compiled: Compiled) -> Each:
    return Each(
        item=item,
        items=compiled.template(value["items"]),
        name=value.get("as", "item"),
        max=int(value["max"]) if "max" in value else None,
        tolerate=_tolerance(value["tolerate"]) if "tolerate" in value else None,
        need=int(value["need"]) if "need" in value else None,
        until=compiled.expression(value["until"]) if "until" in value else None,
        more=compiled.expression(value["more"]) if "more" in value else None,
        rest=value.get("rest", "cancel"),
    )


def _tolerance(value: Json) -> Tolerance:
    return Tolerance(share=share_of(value)) if type(value) is str else Tolerance(count=int(value))


def schedules_of(value: Json) -> Iterator[Schedule]:
    for data in value if type(value) is list else [value]:
        yield Schedule(
            cron=data.get("cron"),
            every=span(data, "every"),
            at=instants.parse(data["at"]) if "at" in data else None,
            tz=data.get("tz", "UTC"),
            overlap=data.get("overlap", "skip"),
            catchup=data.get("catchup", "latest"),
            input=data.get("input", {}),
        )
