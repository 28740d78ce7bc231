"""``runfox drive``"""

from datetime import timedelta

import click

from runfox.cli import options
from runfox.cli.databases import Place, existing
from runfox.cli.leaving import remark
from runfox.worker import Driver, install_signals


@click.command("drive")
@options.db
@options.lease
@options.max_deliveries
@click.option("--until-idle", is_flag=True, help="End when nothing is due.")
def command(*, db: Place, lease: timedelta, max_deliveries: int, until_idle: bool) -> None:
    """Move executions on, and execute nothing: apply results, fire timers, take back what dead workers held.

    'runfox worker' does this too. A driver is for where workers only submit results, as those that speak SQL, or
    do not run all the time. Any number may run. SIGTERM and Ctrl-C end it.
    """
    place = existing(db)
    driver = Driver(place.open(lease=lease, max_deliveries=max_deliveries))
    install_signals(driver)
    remark(f"driver of {place}: moves executions on until it is stopped")
    driver.run(until_idle=until_idle)
    remark("driver stopped")
