"""The simulation notices every guard that is taken out of the engine: else it would guard nothing.

``killers.txt`` is what ``python -m tests.simulation --mutants`` has found. A seed is another story when the engine
does its work in other steps, so others are tried, too: then it is time to look for new ones.
"""

from itertools import chain
from pathlib import Path

import pytest

from tests.simulation.mutants import EQUIVALENT, MUTANTS, dies

KILLERS = Path(__file__).with_name("killers.txt")


def killers():
    """Return the seeds that kill mutants, by their names and modes."""
    found = {}
    for line in KILLERS.read_text("ascii").splitlines():
        name, _, rest = line.partition(": ")
        mode, *seeds = rest.partition("#")[0].split()
        found[name, mode] = [int(seed) for seed in seeds]
    return found


KNOWN = killers()
ENOUGH = 600
"""How many seeds are tried on a mutant that none of those kills."""
ALL = [(name, mode) for name, mutant in MUTANTS.items() for mode in mutant.modes]


def test_there_are_enough_and_none_that_is_known_to_harm_nobody():
    assert len(MUTANTS) >= 40
    assert not MUTANTS.keys() & EQUIVALENT.keys()
    assert sorted(KNOWN) == sorted(ALL)


@pytest.mark.parametrize(("name", "mode"), ALL)
def test_an_engine_without_this_guard_is_noticed(name, mode):
    seeds = chain(KNOWN[name, mode], range(ENOUGH))
    assert any(dies(name, mode, seed) is not None for seed in seeds)
