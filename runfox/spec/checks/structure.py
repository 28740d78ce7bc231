"""Which keys may stand where, and what they may hold: the table of keys against the data."""

from runfox.errors import did_you_mean
from runfox.spec.keys import INNER, PLACES, WORKFLOW, Beside, Place
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
        if key.beside is not None:
            _neighbours(name, key.beside, data, path, found)
        if key.place is not None and all(fault.path for fault in faults):
            inner = PLACES[key.place]
            if key.named:
                for title, item in value.items():
                    _item(inner, item, (*path, name, title), found)
            else:
                _inner(inner, value, (*path, name), found)
    for group in place.required:
        if group[0] not in data and not any(name in data for name in group):
            found.append(Finding(path, "missing-key", f"{place.title} needs {_one_of(group)}"))
    if place.across is not None:
        found += [_finding(fault, path) for fault in place.across(data)]


def _finding(fault: Fault, path: Path) -> Finding:
    return Finding((*path, *fault.path), fault.code, fault.message, fault.hint, at=fault.at)


def _one_of(group: tuple[str, ...]) -> str:
    names = group[:1] if group == ("id", "op") else group
    return f"the key {' or '.join(map(repr, names))}"


def _inner(place: Place, value: Json, path: Path, found: list[Finding]) -> None:
    if type(value) is dict:
        _mapping(place, value, path, found)
    elif type(value) is list:
        for position, item in enumerate(value):
            _item(place, item, (*path, position), found)


def _item(place: Place, item: Json, path: Path, found: list[Finding]) -> None:
    if type(item) is dict:
        _mapping(place, item, path, found)
    else:
        fault = mistyped(f"{place.title}, which is a mapping,", item)[0]
        found.append(Finding(path, fault.code, fault.message, _as_mapping(place, item)))


def _as_mapping(place: Place, item: Json) -> str | None:
    first = place.required[0][0] if place.required else None
    return f"Write: {first}: {item}" if first and type(item) is str else None


def _unknown(name: str, place: Place, path: Path) -> Finding:
    homes = [other.title for other in PLACES.values() if name in other.keys and other is not INNER]
    if homes:
        hint = f"{name!r} belongs in {' or '.join(homes)}."
    else:
        hint = did_you_mean(name[:80], place.keys, label="Keys here")
    return Finding(
        (*path, name), "unknown-key", f"unknown key {name!r} in {place.title}", hint, at="key"
    )


def _neighbours(
    name: str, beside: Beside, data: dict[str, Json], path: Path, found: list[Finding]
) -> None:
    """Say what stands against a key because of the keys beside it, or because of those that are not."""
    for other in beside.clashes:
        if other in data:
            message = f"{other!r} and {name!r} cannot both be meant"
            found.append(
                Finding((*path, name), "clashing-keys", message, f"Keep {other!r}.", at="key")
            )
            return
    if beside.needs and not any(other in data for other in beside.needs):
        message = f"{name!r} means nothing without {' or '.join(map(repr, beside.needs))}"
        found.append(Finding((*path, name), "misplaced-key", message, "Leave it out.", at="key"))
    for other in beside.bars:
        if other in data:
            message = f"{other!r} means nothing beside {name!r}"
            found.append(Finding((*path, other), "misplaced-key", message, _WAY_IN, at="key"))


_WAY_IN = "Leave it out: what stands inside reads input, state and steps itself."
