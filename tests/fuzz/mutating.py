"""Texts and JSON changed at random, always the same way for the same seed."""

import json
import random

RUBBISH = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**30,
    -(10**30),
    0.5,
    1e308,
    "",
    "a",
    "complete",
    "in_progress",
    "\ud800",
    "x" * 300,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    [1, 2, 3],
    ["", 0],
)
"""What stands in a place where something else is expected."""

BYTES = b'\x00\xff[]{}":,\\-+0123456789eEtruefalsenull\n\x80\xc0 '


def places(value, found=None):
    """Return all containers inside a value, itself included, as they stand."""
    found = [] if found is None else found
    if isinstance(value, dict | list):
        found.append(value)
        for item in value.values() if isinstance(value, dict) else value:
            places(item, found)
    return found


def keys_of(holder):
    return list(holder) if isinstance(holder, dict) else list(range(len(holder)))


def changed(value, chance):
    """Return JSON with one to three of its parts changed, lost, doubled, or put elsewhere. Changes ``value``."""
    root = [value]
    for _ in range(chance.randint(1, 3)):
        holders = places(root)
        holder = chance.choice(holders)
        keys = keys_of(holder)
        if not keys:
            continue
        key = chance.choice(keys)
        match chance.randint(0, 5):
            case 0 if holder is not root:
                del holder[key]
            case 1 if isinstance(holder, list) and holder is not root:
                holder.insert(key, json.loads(json.dumps(holder[key])))
            case 2:
                holder[key] = json.loads(json.dumps(chance.choice(holders)))
            case 3 if isinstance(holder, dict):
                holder[chance.choice(["", "a", "-1", "99", "inner", "\u00e9"])] = holder.pop(key)
            case 4 if isinstance(holder[key], int):
                holder[key] += chance.choice([-1, 1, 1000, 2**40])
            case _:
                holder[key] = json.loads(json.dumps(chance.choice(RUBBISH)))
    return root[0]


class Sly(dict):
    """A dict that is none."""


def endless():
    value = []
    value.append(value)
    return value


NOT_JSON = (float("nan"), float("inf"), b"x", {1, 2}, (1, 2), object(), Sly(a=1), {1: 2}, {None: 1})


def odd(value, chance):
    """Return data with something in it that is no JSON at all, an endless value too."""
    holder = chance.choice(places([value]))
    if not keys_of(holder):
        return endless()
    holder[chance.choice(keys_of(holder))] = chance.choice([*NOT_JSON, endless()])
    return value


def mangled(text, chance):
    """Return a text with bytes of it changed, cut out, or repeated."""
    data = bytearray(text, "utf-8", "replace")
    for _ in range(chance.randint(1, 8)):
        at = chance.randint(0, len(data))
        match chance.randint(0, 4):
            case 0:
                del data[at : at + chance.randint(1, 20)]
            case 1:
                data[at:at] = data[at : at + chance.randint(1, 40)]
            case 2:
                data = data[: max(1, at)]
            case _:
                data[at : at + 1] = bytes([chance.choice(BYTES)])
    return data.decode("utf-8", "surrogateescape")


def variant(text, chance):
    """Return a JSON text changed by its structure, mostly, or by its bytes."""
    if chance.randint(0, 4):
        return json.dumps(changed(json.loads(text), chance))
    return mangled(text, chance)


def seeded(seed):
    return random.Random(seed)
