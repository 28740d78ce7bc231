"""What is wrong with a mapping though each of its keys is right by itself."""

from collections.abc import Sequence

from runfox.spec.kinds.data import misplaced
from runfox.spec.kinds.faults import FINE, Fault
from runfox.spec.secrets import secrets_in
from runfox.values import Json


def step(data: dict[str, Json]) -> Sequence[Fault]:
    if "call" not in data or type(data.get("input")) is not dict:
        return FINE
    reason = "the inputs of the workflow that is called are kept for good"
    return [misplaced(("input", *path), reason) for path, _ in secrets_in(data["input"]) if path]


def schedule(data: dict[str, Json]) -> Sequence[Fault]:
    expression, tz = data.get("cron"), data.get("tz", "UTC")
    if type(expression) is not str or type(tz) is not str or not expression or not tz:
        return FINE
    from runfox.spec.cron import problem  # a file without a schedule does without it

    unknown = problem("* * * * *", tz)
    if unknown is not None:
        return (Fault("bad-timezone", unknown, None, ("tz",)),)
    wrong = problem(expression, tz)
    return FINE if wrong is None else (Fault("bad-cron", wrong, None, ("cron",)),)
