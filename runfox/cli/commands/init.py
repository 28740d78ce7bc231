"""``runfox init``"""

from importlib.resources import files
from pathlib import Path

import click

from runfox.cli.refusal import Refused
from runfox.cli.texts import harmless

STARTER = ("flow.yaml", "handlers.py", "README.md")


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
def command(folder: str) -> None:
    """Write a first workflow to run into DIR, by default this folder. Overwrites nothing."""
    target = Path(folder)
    there = [name for name in STARTER if (target / name).exists()]
    if there:
        raise Refused(
            f"{', '.join(str(target / name) for name in there)}: there already, and nothing is "
            "overwritten. Name another folder: runfox init DIR"
        )
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name in STARTER:
            text = files("runfox.cli.starter").joinpath(name).read_text(encoding="utf-8")
            # `x`: a file that came meanwhile is not overwritten either.
            with (target / name).open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise Refused(f"cannot write to {target}: {error.strerror}") from error
    flow = harmless(str(target / "flow.yaml"))
    written = ", ".join(harmless(str(target / name)) for name in STARTER)
    click.echo(f"Wrote {written}.")
    click.echo(f"Run it:   runfox run {flow}")
    click.echo(f"Look:     runfox graph {flow}")
