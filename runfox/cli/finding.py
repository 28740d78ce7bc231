"""Which handlers a command uses when none are named."""

from pathlib import Path

from runfox.cli.handlers import Handlers
from runfox.cli.leaving import remark
from runfox.cli.refusal import Refused

USUAL = "handlers.py"


def chosen_handlers(
    given: str | None, *, external: bool, folder: Path, fns: tuple[str, ...] = ()
) -> Handlers | None:
    """Return the executor of a command, imported; None if the steps are left to workers.

    One that nobody named is named on stderr before any line of it runs.
    """
    if external:
        if given is not None:
            raise Refused("--external leaves the steps to workers: it takes no --executor")
        return None
    handlers = Handlers.of(given) if given is not None else _beside(folder, fns)
    handlers.load()
    return handlers


def _beside(folder: Path, fns: tuple[str, ...]) -> Handlers:
    path = folder / USUAL
    if not path.is_file():
        raise Refused(_way_out(folder, fns))
    remark(f"executor: {path}")
    return Handlers(str(path))


def _way_out(folder: Path, fns: tuple[str, ...]) -> str:
    where = "this folder" if folder == Path() else str(folder)
    shown = ", ".join(fns[:6]) + (", ..." if len(fns) > 6 else "")
    needs = f" with a function for each fn ({shown})" if fns else ""
    return (
        f"nothing to execute the steps with: there is no {USUAL} in {where}. Write one{needs}, name "
        "one with --executor FILE.py or --executor MODULE[:NAME], or leave the steps to 'runfox "
        "worker' with --db FILE --external."
    )
