"""Let a storm rage, and print what came of it: python -m tests.storms --backend sqlite --kills 250"""

import argparse
import sys
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from tests.storms.scenes import BACKENDS, HEAD, weather
from tests.storms.storm import Plan


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.storms", description=__doc__)
    parser.add_argument("--backend", choices=BACKENDS, default="sqlite")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--stops", type=int, default=0, help="beyond the lease, then continued")
    parser.add_argument("--restarts", type=int, default=0, help="of the server, immediate")
    parser.add_argument("--cuts", type=int, default=0, help="of connections to the server")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    folder = Path(mkdtemp(prefix="runfox-storm-"))
    print(f"{asked.backend}, seed {asked.seed}: what happens is noted in {folder}", flush=True)
    plan = Plan(asked.kills, asked.stops, asked.restarts, asked.cuts)
    report = weather(asked.backend, folder, plan, seed=asked.seed)
    print(f"{HEAD}\n{report.row}")
    for word in report.wrong:
        print(word)
    if report.sound:
        rmtree(folder)
    sys.exit(not report.sound)


if __name__ == "__main__":
    main()
