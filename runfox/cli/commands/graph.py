"""``runfox graph``"""

import sys
from shutil import get_terminal_size

import click

from runfox.cli.drawing import FORMATS, Diagram, diagram, group
from runfox.cli.drawing.text import rows
from runfox.cli.files import load_spec

_STYLES: dict[str, dict[str, str | bool]] = {
    "tree": {"dim": True},
    "name": {"bold": True},
    "bullet": {"fg": "blue"},
    "fn": {"dim": True},
    "label": {"dim": True},
    "after": {"fg": "cyan"},
    "note": {"fg": "yellow"},
}


@click.command("graph")
@click.argument("file")
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="What to draw.",
)
@click.option("--full", is_flag=True, help="Every step on its own, however many there are.")
def command(file: str, form: str, full: bool) -> None:
    """Draw a workflow. Of a large one, steps that are alike are drawn as one."""
    whole = diagram(load_spec(file))
    picture = whole if full else group(whole)
    if form == "text" and sys.stdout.isatty():
        _coloured(picture)
    else:
        click.echo(FORMATS[form](picture), nl=False)


def _coloured(picture: Diagram) -> None:
    for row in rows(picture, columns=get_terminal_size().columns):
        spans = (click.style(span.text, **_STYLES.get(span.style, {})) for span in row)  # type: ignore[arg-type]
        click.echo("".join(spans))
