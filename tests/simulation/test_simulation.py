"""Whatever crashes, is lost, comes twice, late or out of order: what runfox promises holds, and every run ends."""

import subprocess
import sys
from hashlib import sha256
from math import inf
from time import monotonic

import pytest

from tests.simulation.campaign import MODES, again, attempt, failed_seeds, quiet, run_seeds
from tests.simulation.faults import PROFILES
from tests.simulation.flows import FLOWS
from tests.simulation.scene import scene_of

SECONDS = 60.0
"""After so long no more seeds are begun with, however few there were on a busy machine."""

LEAST, MOST = 200, 2_000


def failures(mode, tally):
    return "\n".join(f"{why}\n    {again(mode, seed)}" for seed, why in tally.wrong.items())


@pytest.mark.parametrize("mode", MODES)
def test_whatever_goes_wrong_every_promise_is_kept(mode):
    until = monotonic() + SECONDS
    tally = run_seeds(mode, range(LEAST)) + run_seeds(mode, range(LEAST, MOST), until)
    print(tally)
    assert not tally.wrong, failures(mode, tally)
    assert sum(tally.faults.values()) > tally.seeds


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_whatever_goes_wrong_every_promise_is_kept_over_twenty_thousand_seeds(mode):
    tally = run_seeds(mode, range(MOST, 20_000), inf)
    assert not tally.wrong, failures(mode, tally)


@pytest.mark.parametrize("mode", MODES)
def test_seeds_that_failed_once_do_not_fail_again(mode):
    seeds = [seed for of, seed in failed_seeds() if of == mode]
    tally = run_seeds(mode, seeds)
    assert tally.seeds == len(seeds) > 0
    assert not tally.wrong, failures(mode, tally)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", FLOWS)
def test_every_workflow_ends_as_it_should_when_nothing_goes_wrong(mode, name):
    with quiet():
        for seed in range(3):
            _, wrong = attempt(scene_of(mode, seed, flow=FLOWS[name], profile=PROFILES[0]))
            assert wrong is None


def story(mode, seed):
    """All that happens with a seed, in short."""
    scene = scene_of(mode, seed)
    with quiet():
        attempt(scene)
    told = (scene.written, scene.clock.time, sorted(scene.faults.items()))
    return sha256(repr(told).encode()).hexdigest()


STORIES = [(mode, seed) for mode in MODES for seed in range(12)]


def test_a_seed_is_the_same_story_in_every_process_whatever_the_order_of_its_sets():
    code = (
        "from tests.simulation.test_simulation import STORIES, story\n"
        "print(*(story(*one) for one in STORIES))"
    )
    mine = [story(*one) for one in STORIES]
    for hashes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": hashes, "PYTHONPATH": ":".join(filter(None, sys.path))},
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        assert done.stdout.split() == mine
