"""Which keys may stand where, and what they may hold: the table of keys against the data."""

from typing import Literal

from runfox.errors import did_you_mean
from runfox.spec.keys import PLACES, WORKFLOW, Place
from runfox.spec.kinds import Fault, mistyped
from runfox.spec.limits import MAX_PROBLEMS
from runfox.spec.problem import Finding, Path
from runfox.values import Json


def check_structure(data: Json) -> list[Finding]:
    """Return everything that is wrong with the shape of a workflow."""
    found: list[Finding] = []
    if type(data) is not dict:
        hint = "Start with 'name:' and 'steps:'."
        found += [
            Finding((), f.code, f.message, hint)
            for f in mistyped("a workflow, which is a mapping,", data)
        ]
    else:
        _mapping(WORKFLOW, data, (), found)
    return found


def _mapping(place: Place, data: dict[str, Json], path: Path, found: list[Finding]) -> None:
    if len(found) > MAX_PROBLEMS:
        return
    keys = place.keys
    for name, value in data.items():
        key = keys.get(name)
        if key is None:
            found.append(_unknown(name, place, path))
            continue
        faults = key.check(value)
        if faults:
            found += [_finding(fault, (*path, name)) for fault in faults]
        if key.place is not None and all(fault.path for fault in faults):
            _inner(PLACES[key.place], value, (*path, name), found)
    for group in place.required:
        if group[0] not in data and not any(name in data for name in group):
            found.append(Finding(path, "missing-key", f"{place.title} needs the key {group[0]!r}"))
    for one, other in place.apart:
        if other in data and one in data:
            found.append(_clash(one, other, path))


def _finding(fault: Fault, path: Path) -> Finding:
    at: Literal["key", "value"] = "key" if fault.code == "unknown-key" else "value"
    return Finding((*path, *fault.path), fault.code, fault.message, fault.hint, at=at)


def _inner(place: Place, value: Json, path: Path, found: list[Finding]) -> None:
    if type(value) is dict:
        _mapping(place, value, path, found)
        return
    for position, item in enumerate(value):
        inside = (*path, position)
        if type(item) is dict:
            _mapping(place, item, inside, found)
        else:
            fault = mistyped(f"{place.title}, which is a mapping,", item)[0]
            found.append(Finding(inside, fault.code, fault.message, _as_mapping(place, item)))


def _as_mapping(place: Place, item: Json) -> str | None:
    first = place.required[0][0] if place.required else None
    return f"Write: {first}: {item}" if first and type(item) is str else None


def _unknown(name: str, place: Place, path: Path) -> Finding:
    homes = [other.title for other in PLACES.values() if name in other.keys]
    if homes:
        hint = f"{name!r} belongs in {' or '.join(homes)}."
    else:
        hint = did_you_mean(name[:80], place.keys, label="Keys here")
    return Finding(
        (*path, name), "unknown-key", f"unknown key {name!r} in {place.title}", hint, at="key"
    )


def _clash(one: str, other: str, path: Path) -> Finding:
    message = f"{one!r} and {other!r} say the same thing in two ways"
    return Finding((*path, other), "clashing-keys", message, f"Keep {one!r}.", at="key")
