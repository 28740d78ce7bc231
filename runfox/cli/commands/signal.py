"""``runfox signal``"""

from collections.abc import Iterable

import click

from runfox import values
from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.identify import execution_key
from runfox.cli.inputs import read_json
from runfox.cli.verbs import Telling, on_one
from runfox.graph import Fact, SignalSent
from runfox.graph.facts import SignalIgnored, SignalReceived
from runfox.values import Json


@click.command("signal")
@click.argument("run")
@click.argument("name")
@click.option(
    "--data", metavar="JSON|@FILE.json", help="What the signal carries. Default: nothing."
)
@click.option("--to", metavar="KEY", help="The wait that it is for, by that one's key.")
@click.option(
    "--id", "message", metavar="ID", default="", help="Its id: the same one again changes nothing."
)
@options.db
@options.output
def command(
    *,
    run: str,
    name: str,
    data: str | None,
    to: str | None,
    message: str,
    db: Place,
    output: str,
) -> int:
    """Send a signal to an execution that waits for it, or will.

    It opens the wait that has waited longest. One that comes before its wait is kept for it.
    """
    carried = None if data is None else read_json(data, "--data")
    place = existing(db)
    backend = place.open()
    key = execution_key(backend, run)
    sent = SignalSent(name, backend.given(carried, "--data"), _key(to), message)
    told: list[Fact] = []
    telling = Telling(f"signal {name}", place, output)
    return on_one(
        backend,
        key,
        lambda found: told.extend(backend.ask(found, sent).facts),
        telling._replace(tail=lambda: _what_came_of_it(told)),
    )


def _key(to: str | None) -> Json:
    """The key as the wait's logic may have given it: a number is one, and a text is a text."""
    if to is None:
        return None
    try:
        return values.parse(to)
    except ValueError:
        return to


def _what_came_of_it(facts: Iterable[Fact]) -> str:
    for fact in facts:
        match fact:
            case SignalReceived(step=""):
                return "is kept until a step waits for it"
            case SignalReceived(step=step):
                return f"opened {step}"
            case SignalIgnored(reason=reason):
                return f"changed nothing: {reason}"
    return "changed nothing: one of this id has come before"
