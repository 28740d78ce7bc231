"""Tables on stdout: coloured and as wide as the terminal, plain and as wide as they are in a pipe."""

import sys

import click
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from runfox.cli.view.styles import glyph, style

UNBOUNDED = 2_000


def put(*parts: RenderableType) -> None:
    """Print parts below each other."""
    whole = Group(*parts)
    if sys.stdout.isatty():
        Console(highlight=False, emoji=False).print(whole)
        return
    console = Console(width=UNBOUNDED, no_color=True, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(whole)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())


def grid(*titles: str) -> Table:
    """Return an empty table whose last column gives way where there is no room: see ``clipped``."""
    table = Table(
        box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0), show_header=any(titles)
    )
    for number, title in enumerate(titles, 1):
        # rich makes columns narrower only where it may wrap.
        table.add_column(title, no_wrap=number < len(titles))
    return table


def clipped(text: str, style: str = "") -> Text:
    """Return a text for the last column of a table, which is cut rather than wrapped."""
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def status_text(status: str) -> Text:
    """Return a status with its sign."""
    return Text(f"{glyph(status)} {status}", style=style(status))
