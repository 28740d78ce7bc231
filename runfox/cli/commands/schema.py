"""``runfox schema``"""

import click

from runfox import spec
from runfox.cli.texts import machine


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of workflow files, for editors.

    With the YAML language server: save it as runfox.schema.json, and begin a workflow with the line

        # yaml-language-server: $schema=runfox.schema.json
    """
    click.echo(machine(spec.schema()))
