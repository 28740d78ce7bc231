"""Whatever comes in, out comes a value, or the error that is meant for it.

``python -m tests.fuzz 10`` goes on for ten minutes from a random seed; ``-m slow`` has thirty times these seeds.
"""

import pytest

from tests.fuzz.targets import TARGETS

SEEDS = {"messages": 500, "an_expression": 2_000, "a_template": 2_000, "spec_data": 2_000}
USUAL = 4_000


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_the_first_seeds(name):
    for seed in range(SEEDS.get(name, USUAL)):
        TARGETS[name](seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_many_seeds(name):
    for seed in range(30 * SEEDS.get(name, USUAL)):
        TARGETS[name](seed)
