"""Short texts with a grammar of their own: targets, rates, shares."""

import re
from datetime import timedelta
from typing import Final

from runfox.spec import durations
from runfox.values import Json

STEP_ID: Final = "[A-Za-z][A-Za-z0-9_-]{0,63}"
TARGET: Final = rf"(?:steps\.({STEP_ID})\.status|({STEP_ID}))"
RATE: Final = "^([1-9][0-9]{0,8})/(.+)$"
SHARE: Final = "^(100(?:[.]0{1,6})?|[0-9]{1,2}(?:[.][0-9]{1,6})?)%$"

_target = re.compile(TARGET)
_rate = re.compile(RATE[:-1] + r"\Z")
_share = re.compile(SHARE[:-1] + r"\Z")


def target_step(target: str) -> str | None:
    """Return the step that a target of ``set`` or ``cancel`` names, or None for what is no target."""
    found = _target.fullmatch(target)
    return (found[1] or found[2]) if found else None


def rate_parts(value: Json) -> tuple[int, timedelta]:
    """Return how many, and in how long. Raises ``ValueError`` for what is no rate."""
    found = _rate.match(value) if type(value) is str else None
    if found is None:
        raise ValueError(f"{value!r:.40} is no rate")
    per = durations.parse(found[2])
    if not per:
        raise ValueError(f"{value!r:.40} counts in no time at all")
    return int(found[1]), per


def share_of(text: str) -> float | None:
    """Return the share that a text like ``5%`` stands for, from 0 to 1, or None for other texts."""
    found = _share.match(text)
    return float(found[1]) / 100 if found else None
