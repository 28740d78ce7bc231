"""``runfox skip``"""

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.identify import execution_key
from runfox.cli.inputs import read_object
from runfox.cli.verbs import Telling, on_one


@click.command("skip")
@click.argument("run")
@click.argument("step")
@click.option(
    "--output",
    "result",
    metavar="JSON|@FILE.json",
    help="Complete the step with this output, an object, in place of skipping it.",
)
@click.option(
    "-o",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="json: a single JSON value on stdout, and nothing else.",
)
@options.db
def command(*, run: str, step: str, result: str | None, form: str, db: Place) -> int:
    """Let a step of an execution not run in this turn: it is skipped, or complete with an output of yours.

    STEP may be inside another one: block.inner, each[17].
    """
    given = None if result is None else read_object(result, "--output")
    place = existing(db)
    backend = place.open()
    key = execution_key(backend, run)
    done = f"skipped {step}" if given is None else f"completed {step}"
    return on_one(
        backend,
        key,
        lambda found: backend.skip(found, step, output=given),
        Telling(done, place, form),
    )
