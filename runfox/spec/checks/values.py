"""Values that are allowed and probably not meant."""

from collections.abc import Iterator
from datetime import timedelta

from runfox.spec import durations
from runfox.spec.checks.outline import Outline
from runfox.spec.model import Retry
from runfox.spec.problem import Finding
from runfox.values import Json

_USUAL = Retry()


def numeric_versions(outline: Outline) -> Iterator[Finding]:
    version = outline.data.get("version")
    if type(version) is float:
        message = f"version is the number {version}: 1.10 would read as 1.1"
        yield Finding(("version",), "numeric-version", message, "Quote it.", "warning")


def delays_cut_short(outline: Outline) -> Iterator[Finding]:
    for step in outline.steps:
        policy = step.data.get("retry")
        if type(policy) is not dict:
            continue
        delay = _duration(policy, "delay", _USUAL.delay)
        most = _duration(policy, "max_delay", _USUAL.max_delay)
        if delay is not None and most is not None and delay > most:
            message = f"delay is over max_delay ({durations.text(most)}), which bounds it"
            hint = f"Set max_delay: {durations.text(delay)} or more beside it."
            yield Finding(
                (*step.path, "retry", "delay"), "delay-cut-short", message, hint, "warning"
            )


def _duration(policy: dict[str, Json], key: str, usual: timedelta) -> timedelta | None:
    try:
        return durations.parse(policy[key]) if key in policy else usual
    except ValueError:
        return None
