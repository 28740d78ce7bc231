"""Where a storm takes place: which databases, and whether the server can be restarted, or be cut off."""

from contextlib import ExitStack, closing, contextmanager
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from tests.postgres_server import a_schema, a_server, a_url, with_schema
from tests.storms.callers import see_off
from tests.storms.processes import again, open_backend
from tests.storms.proxy import a_proxy
from tests.storms.storm import Storm
from tests.storms.verdict import Verdict, judge, left_over

BACKENDS = ("sqlite", "postgres", "split", "mixed")
"""Store and queue in one file, in one PostgreSQL schema, in two files, in a file and a PostgreSQL schema."""


class Report(NamedTuple):
    """A storm as a row of a table. ``died`` tells of processes that nobody killed."""

    backend: str
    kills: int
    stops: int
    restarts: int
    cuts: int
    verdict: Verdict
    died: list[str]
    left: list[tuple]
    seconds: float

    @property
    def sound(self):
        return self.verdict.sound and not self.died and not self.left

    @property
    def row(self):
        verdict = self.verdict
        why = ", ".join(f"{word} {count}" for word, count in sorted(verdict.repeated.items()))
        repeated = f"{verdict.repeated.total()} ({why})" if why else "0"
        wrong = len(verdict.violations) + len(self.died) + len(self.left)
        cells = [self.backend, self.kills, self.stops, self.restarts, self.cuts, verdict.runs]
        cells += [verdict.steps, len(verdict.lost), len(verdict.twice), wrong, repeated]
        return f"| {' | '.join(map(str, [*cells, round(self.seconds)]))} |"

    @property
    def wrong(self):
        """All that is wrong, in words."""
        verdict = self.verdict
        return [*verdict.lost, *verdict.twice, *verdict.violations, *self.died, *self.left]


COLUMNS = (
    "backend",
    "kills",
    "stops",
    "restarts",
    "cuts",
    "runs",
    "steps",
    "lost",
    "recorded twice",
    "otherwise wrong",
    "started again",
    "seconds",
)

HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


class Scene(NamedTuple):
    """``store`` and ``runner`` are URLs for the processes, ``seen`` that of the store for whoever looks after."""

    store: str
    runner: str = "-"
    seen: str = ""
    server: object = None
    proxy: object = None


@contextmanager
def a_scene(backend, folder, plan, url=None):
    """Set a scene. ``url`` is that of a PostgreSQL server for what needs one, and none of its own."""
    file = f"sqlite:///{folder}/runs.db"
    with ExitStack() as stack:
        server = proxy = None
        if backend in ("postgres", "mixed"):
            if plan.restarts:
                server = stack.enter_context(a_server())
                url = server.url
            url = url or stack.enter_context(a_url())
            schema = stack.enter_context(a_schema(url))
            direct = with_schema(url, schema)
            if plan.cuts:
                place = urlsplit(url)
                proxy = stack.enter_context(a_proxy(place.hostname, place.port or 5432))
                url = _through(proxy, url)
            url = with_schema(url, schema)
        assert server or not plan.restarts, f"{backend} has no server to restart"
        assert proxy or not plan.cuts, f"{backend} has no connection to cut"
        match backend:
            case "sqlite":
                yield Scene(file, "-", file)
            case "split":
                yield Scene(file, f"sqlite:///{folder}/queue.db", file)
            case "mixed":
                yield Scene(file, url, file, server, proxy)
            case _:
                yield Scene(url, "-", direct, server, proxy)


def _through(proxy, url):
    parts = urlsplit(url)
    who, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{who}{at}127.0.0.1:{proxy.port}"))


def weather(backend, folder, plan, *, seed=0, url=None, old=None):
    """Let a storm rage, and judge what it leaves behind.

    ``old`` are the outcomes of runs that are in the file already.
    """
    began = monotonic()
    with a_scene(backend, folder, plan, url) as scene:
        storm = Storm(
            folder, scene.store, scene.runner, seed=seed, server=scene.server, proxy=scene.proxy
        )
        if old:
            storm.also = lambda: see_off_all(scene, old)
        storm.rage(plan)
        looking = open_backend(scene.seen)
        with closing(looking.store):
            verdict = judge(looking, folder, old)
        left = left_over(scene.seen)
    return Report(backend, *plan, verdict, storm.died, left, monotonic() - began)


def see_off_all(scene, old):
    """Return whether all runs that were there before have ended."""
    backend = open_backend(scene.seen)
    with closing(backend.store):
        return not again(lambda: see_off(backend, old))
