"""Items of foreach: what they are called, and how many are needed."""

from collections.abc import Iterator

from runfox.spec.checks.outline import Outline
from runfox.spec.checks.places import RESERVED
from runfox.spec.problem import Finding
from runfox.values import Json


def reserved_names(outline: Outline) -> Iterator[Finding]:
    for step in outline.having("foreach"):
        name = step.each.get("as") if step.each is not None else None
        if type(name) is str and name in RESERVED:
            message = (
                f"an item cannot be called {name!r}: expressions see something else by that name"
            )
            place = (*step.path, "foreach", "as")
            yield Finding(place, "reserved-name", message, "Choose another name.")


def more_needed_than_there_are(outline: Outline) -> Iterator[Finding]:
    """``need`` above the number of items, where those are written out and no others are added."""
    for step in outline.having("foreach"):
        each = step.each
        if each is None or type(each.get("items")) is not list or "more" in each:
            continue
        need: Json = each.get("need")
        items = len(each["items"])
        if type(need) in (int, float) and need > items:
            message = f"{need:,} are needed of {items:,} items"
            place = (*step.path, "foreach", "need")
            yield Finding(place, "need-too-high", message, "Need fewer, or leave need out.")
