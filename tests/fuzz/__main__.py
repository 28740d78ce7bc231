"""Fuzz for as long as one likes, and tell of every seed that failed:

python -m tests.fuzz MINUTES [TARGET...]      from a random seed on
python -m tests.fuzz --seed SEED TARGET       one seed again
"""

import random
import sys
import traceback
from collections import Counter
from time import monotonic

from tests.fuzz.targets import TARGETS


def main(arguments):
    if arguments and arguments[0] == "--seed":
        TARGETS[arguments[2]](int(arguments[1]))
        print("nothing wrong")
        return 0
    minutes = float(arguments[0]) if arguments else 1
    names = arguments[1:] or list(TARGETS)
    return run_for(minutes * 60, names)


def run_for(seconds, names):
    """Run targets by turns; of failures that are alike, show the first."""
    until = monotonic() + seconds
    seed = random.SystemRandom().randrange(10**12)
    begun, found = seed, Counter()
    while monotonic() < until:
        for name in names:
            try:
                TARGETS[name](seed)
            except Exception as error:
                last = traceback.extract_tb(error.__traceback__)[-1]
                kind = (name, type(error).__name__, last.filename, last.lineno)
                if kind not in found:
                    traceback.print_exc()
                    print(f"again: python -m tests.fuzz --seed {seed} {name}", flush=True)
                found[kind] += 1
        seed += 1
    print(f"{seed - begun:,} seeds from {begun} of each of {', '.join(names)}")
    for kind, count in found.items():
        print(count, *kind)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
