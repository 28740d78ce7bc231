"""Values that are allowed and probably not meant."""

from collections.abc import Iterator
from datetime import timedelta

from runfox.spec import durations
from runfox.spec.checks.outline import Outline
from runfox.spec.checks.places import policies
from runfox.spec.model import Retry
from runfox.spec.problem import Finding, Path
from runfox.values import Json

_USUAL = Retry()


def numeric_versions(outline: Outline) -> Iterator[Finding]:
    for workflow in outline.workflows:
        version = workflow.data.get("version")
        if type(version) is float:
            message = f"version is the number {version}: 1.10 would read as 1.1"
            place = (*workflow.path, "version")
            yield Finding(place, "numeric-version", message, "Quote it.", "warning")


def delays_cut_short(outline: Outline) -> Iterator[Finding]:
    for path, policy in _all_policies(outline):
        delay = _duration(policy, "delay", _USUAL.delay)
        most = _duration(policy, "max_delay", _USUAL.max_delay)
        if delay is not None and most is not None and delay > most:
            message = f"delay is over max_delay ({durations.text(most)}), which bounds it"
            hint = f"Set max_delay: {durations.text(delay)} or more beside it."
            yield Finding((*path, "delay"), "delay-cut-short", message, hint, "warning")


def _all_policies(outline: Outline) -> Iterator[tuple[Path, dict[str, Json]]]:
    for workflow in outline.workflows:
        usual = workflow.data.get("defaults")
        if type(usual) is dict:
            yield from policies(usual, (*workflow.path, "defaults"))
    for step in outline.having("retry"):
        yield from policies(step.data, step.path)
    for step in outline.having("undo"):
        if type(step.data.get("undo")) is dict:
            yield from policies(step.data["undo"], (*step.path, "undo"))


def _duration(policy: dict[str, Json], key: str, usual: timedelta) -> timedelta | None:
    try:
        return durations.parse(policy[key]) if key in policy else usual
    except ValueError:
        return None
