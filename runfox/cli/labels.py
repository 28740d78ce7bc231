"""Labels of executions, from ``--label key=value``."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

FC = TypeVar("FC", bound=Callable[..., Any] | click.Command)


def _pairs(
    _ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    found = []
    for word in given:
        key, mark, value = word.partition("=")
        if not mark or not key:
            raise click.BadParameter(f"{word!r} is no key=value")
        found.append((key, value))
    return tuple(found)


def label_option(help: str) -> Callable[[FC], FC]:
    """Return the option for labels, as pairs in ``labels``."""
    return click.option(
        "--label",
        "labels",
        multiple=True,
        metavar="KEY=VALUE",
        callback=_pairs,
        help=f"{help} May be repeated.",
    )
