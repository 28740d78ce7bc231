"""Which database a command means."""

from pathlib import Path
from typing import Any, NamedTuple

from runfox.backend import Backend
from runfox.backend.protocols import Notes
from runfox.backend.watching import APART
from runfox.cli.leaving import remark
from runfox.cli.refusal import Refused
from runfox.cli.texts import harmless
from runfox.connect import connect, file_of, shown

USUAL = "runfox.db"
MEMORY = "memory:"


class Place(NamedTuple):
    """Where executions are kept, as a person named it: the URL of a backend, or the path of a SQLite file.

    ``queue`` is the URL of what workers hear of jobs from, where that is apart. Shown without passwords.
    """

    url: str | None = None
    queue: str | None = None

    def open(self, **settings: Any) -> Backend:
        """Return its backend; ``settings`` are those of ``connect``. Says so if a queue should have been named."""
        backend = connect(self.url or MEMORY, queue=self.queue, **settings)
        store = backend.store
        if self.queue is None and isinstance(store, Notes) and store.noted(APART) is not None:
            remark(
                "workers hear of the steps of this database from a queue elsewhere: name it with"
                " --queue-backend, or they may not hear of what is begun here"
            )
        return backend

    def __str__(self) -> str:
        return harmless(shown(self.url or MEMORY))

    @property
    def words(self) -> list[str]:
        """The options that name it again, without passwords."""
        url = str(self)
        words = ["--backend" if ":" in url else "--db", url]
        return (
            words
            if self.queue is None
            else [*words, "--queue-backend", harmless(shown(self.queue))]
        )

    @property
    def kept(self) -> bool:
        """Whether executions outlive the process."""
        return self.url is not None and self.url != MEMORY


def existing(place: Place) -> Place:
    """Return the place that was named, or the usual one of this folder; a file has to be there."""
    if place.url is None:
        if not Path(USUAL).is_file():
            raise Refused(
                f"no database: there is no {USUAL} here. Name one with --db FILE, --backend URL,"
                " RUNFOX_DB or RUNFOX_BACKEND; 'runfox run FILE --db runfox.db' makes one."
            )
        return place._replace(url=USUAL)
    file = file_of(place.url)
    if file is not None and not Path(file).is_file():
        raise Refused(f"no database {place.url!r}. 'runfox run FILE --db {file}' makes it.")
    return place


def made(place: Place) -> Place:
    """Return the place that was named, which is made if it is not there, or the usual one of this folder."""
    return place if place.url is not None else existing(place)


def open_existing(place: Place) -> Backend:
    """Return the backend of a place that is there."""
    return existing(place).open()
