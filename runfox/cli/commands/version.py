"""``runfox version``"""

import click

from runfox import __version__


@click.command("version")
def command() -> None:
    """Print the version of runfox."""
    click.echo(f"runfox {__version__}")
