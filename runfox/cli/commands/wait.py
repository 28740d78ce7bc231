"""``runfox wait``"""

from datetime import timedelta

import click

from runfox.cli import options
from runfox.cli.codes import COMPLETE, PENDING, code_of
from runfox.cli.databases import Place, open_existing
from runfox.cli.identify import execution_key
from runfox.cli.records import brief
from runfox.cli.texts import machine


@click.command("wait")
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--any", "one", is_flag=True, help="Until one of them is over, not all.")
@options.timeout
@options.db
@options.output
def command(
    *,
    runs: tuple[str, ...],
    one: bool,
    timeout: timedelta | None,
    db: Place,
    output: str,
) -> int:
    """Wait until executions are over. Workers, or drivers elsewhere, bring them there.

    The exit code is that of the first one, in your order, that is not complete; 4 if the time was over before
    that, 0 if all that were waited for are complete.
    """
    backend = open_existing(db)
    keys = list(dict.fromkeys(execution_key(backend, run) for run in runs))
    over = backend.wait(keys, any=one, timeout=timeout)
    records = {key: backend.load(key) for key in keys}
    if output == "json":
        click.echo(machine([brief(record) for record in records.values()]))
    else:
        for key, record in records.items():
            click.echo(f"{key.rpartition('#')[2]}: {record.status.value}")
    if not over or not (one or len(over) == len(keys)):
        return PENDING
    codes = [code_of(over[key]) for key in keys if key in over]
    return next((code for code in codes if code != COMPLETE), COMPLETE)
