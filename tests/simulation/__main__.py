"""Run the simulation from the command line.

python -m tests.simulation --mode T --seeds 0:100000 --jobs 2     many seeds, and a table of what they saw
python -m tests.simulation --mode S --seed 123 -v                 one seed, operation by operation
python -m tests.simulation --mutants [NAME...]                    look for seeds that kill mutants
python -m tests.simulation --points                               a crash before and after every operation
"""

import argparse
import sys
import traceback
from time import monotonic

from tests.simulation import points
from tests.simulation.campaign import MODES, NOTHING, again, quiet, run_many
from tests.simulation.clockwork import Spinning
from tests.simulation.mutants import MUTANTS, find_killers
from tests.simulation.scene import scene_of
from tests.simulation.verdict import judge

EVERY = 10.0
"""Seconds between two words of progress."""


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--mode", choices=MODES)
    parser.add_argument("--seeds", help="FROM:TO")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--mutants", nargs="*", metavar="NAME")
    parser.add_argument("--most", type=int, default=3000, help="seeds to try on a mutant")
    parser.add_argument("--points", action="store_true")
    found = parser.parse_args(arguments)
    modes = MODES if found.mode is None else (found.mode,)
    if found.mutants is not None:
        return show_mutants(found.mutants or list(MUTANTS), modes, found.most)
    if found.points:
        return show_points(modes)
    if found.seed is not None:
        return max(show(mode, found.seed, verbose=found.verbose) for mode in modes)
    begin, _, end = (found.seeds or "0:2000").partition(":")
    return max(show_many(mode, range(int(begin), int(end)), found.jobs) for mode in modes)


def show(mode, seed, *, verbose):
    """Run one seed, and print what happens."""
    scene = scene_of(mode, seed, verbose=verbose)
    print(
        f"mode {mode}, seed {seed}: {scene.flow.name}, faults: {scene.profile.name}, {scene.cast}"
    )
    with quiet():
        try:
            scene.run()
            judge(scene)
        except (Exception, Spinning):
            traceback.print_exc(file=sys.stdout)
            return 1
    print("nothing wrong")
    return 0


def show_many(mode, seeds, jobs):
    """Run seeds, and print what they saw, and what failed as soon as it has."""
    begun = said = monotonic()
    tally, told = NOTHING, set()
    for tally in run_many(mode, seeds, jobs):
        for seed in sorted(tally.wrong.keys() - told):
            print(f"{seed}: {tally.wrong[seed]}\n    {again(mode, seed)}", flush=True)
            told.add(seed)
        if monotonic() >= said + EVERY:
            said = monotonic()
            print(f"{mode} {said - begun:6.0f} s  {tally}", flush=True)
    print(f"{mode} {monotonic() - begun:6.0f} s  {tally}", flush=True)
    return 1 if tally.wrong else 0


def show_mutants(names, modes, most):
    """Look for the first seeds that kill each mutant, and print them."""
    alive = 0
    for name in names:
        for mode in modes:
            if mode in MUTANTS[name].modes:
                killers, why = find_killers(name, mode, most)
                alive += not killers
                seeds = " ".join(map(str, killers)) or "SURVIVES"
                print(f"{name}: {mode} {seeds}  # {why}", flush=True)
    return 1 if alive else 0


def show_points(modes):
    """Crash at every operation of every small workflow, and print how many there were."""
    wrong = 0
    for mode in modes:
        for name in points.SMALL:
            count, failures = points.every_point(mode, name)
            wrong += len(failures)
            print(
                f"{mode} {name:12} {count} crashes, {len(failures)} wrong {failures[:3]}",
                flush=True,
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
