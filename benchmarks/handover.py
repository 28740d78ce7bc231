"""How long after a commit another process begins with the job that it made: python benchmarks/handover.py [URL]

Beside it stands the least that such a hop can cost: a row that one process commits and the other sees by looking
every millisecond (SQLite). Times are of one clock, which all processes of a machine share. Figures are medians,
and their ratio is the point: a hop swings with what else the machine does.
"""

import sqlite3
import sys
import tempfile
from contextlib import closing
from multiprocessing import Pipe, Process
from pathlib import Path
from random import Random
from statistics import median
from time import monotonic, sleep

from runfox import spec
from runfox.connect import connect
from runfox.worker import Worker

HOPS = 200
STEP = spec.from_data({"name": "hop", "steps": [{"id": "a"}]})


def pauses():
    """Yield how long to wait before each hop: sometimes at once, sometimes after a while of silence."""
    random = Random(1)
    for _ in range(HOPS):
        yield random.choice((0.0, 0.005, 0.02, 0.1))


def work(url, pipe):
    def tell(fn, inputs):
        pipe.send(monotonic())
        return {}

    pipe.send("ready")
    Worker(connect(url), tell).run()


def hops(url):
    """Return the seconds from the call that dispatches a job to its start in a worker elsewhere."""
    backend = connect(url)
    here, there = Pipe()
    worker = Process(target=work, args=(url, there), daemon=True)
    worker.start()
    here.recv()
    found = []
    for pause in pauses():
        sleep(pause)
        key = backend.create(STEP)
        begun = monotonic()
        backend.step(key)
        found.append(here.recv() - begun)
    worker.terminate()
    worker.join()
    return found


def look(path, pipe):
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        pipe.send("ready")
        seen = 0
        while True:
            (newest,) = connection.execute("SELECT coalesce(max(n), 0) FROM jobs").fetchone()
            if newest > seen:
                seen = newest
                pipe.send(monotonic())
            else:
                sleep(0.001)


def bare_hops(path):
    """Return the seconds from an insert to another process that looks every millisecond."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE jobs (n INTEGER PRIMARY KEY)")
        here, there = Pipe()
        looker = Process(target=look, args=(path, there), daemon=True)
        looker.start()
        here.recv()
        found = []
        for pause in pauses():
            sleep(pause)
            begun = monotonic()
            connection.execute("INSERT INTO jobs DEFAULT VALUES")
            found.append(here.recv() - begun)
        looker.terminate()
        looker.join()
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else str(Path(folder) / "runs.db")
        bare = median(bare_hops(str(Path(folder) / "bare.db")))
        ours = median(hops(url))
    print(f"P7   a hop: {ours * 1e3:.2f} ms, bare {bare * 1e3:.2f} ms: {ours / bare:.1f}x")


if __name__ == "__main__":
    main()
