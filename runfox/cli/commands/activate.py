"""``runfox activate``"""

import click

from runfox.backend import Backend
from runfox.backend.protocols import Definition
from runfox.cli import options
from runfox.cli.databases import Place, open_existing
from runfox.cli.refusal import Refused
from runfox.errors import did_you_mean

SHORTEST = 6
"""Characters of an id that are enough, if no other begins like it."""


@click.command("activate")
@click.argument("workflow", metavar="NAME[@VERSION]|ID")
@options.db
def command(workflow: str, db: Place) -> None:
    """Make a workflow that is kept the active one of its name: NAME alone means its newest version.

    Executions that have begun keep theirs.
    """
    backend = open_existing(db)
    found = _meant(backend, workflow)
    backend.activate(found.workflow_id)
    version = "" if found.version is None else f"@{found.version}"
    click.echo(f"{found.name}{version}: active ({found.workflow_id})")


def _meant(backend: Backend, word: str) -> Definition:
    kept = [row.definition for row in backend.definitions()]
    name, mark, version = word.partition("@")
    for one in kept:
        if one.name == name and (not mark or one.version == version):
            return one
    by_id = [one for one in kept if one.workflow_id.startswith(word)]
    if len(word) >= SHORTEST and len(by_id) == 1:
        return by_id[0]
    if any(one.name == name for one in kept):
        versions = [one.version or "none" for one in kept if one.name == name]
        raise Refused(
            f"no version {version!r} of {name!r} is kept; there are: {', '.join(versions)}"
        )
    known = dict.fromkeys(one.name for one in kept)
    hint = did_you_mean(name, known, label="There are")
    raise Refused(f"no workflow {word!r} is kept here. {hint} 'runfox keep FILE' keeps one.")
