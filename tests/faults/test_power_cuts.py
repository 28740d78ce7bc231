"""The power goes at any moment: what was acknowledged is there afterwards, and the runs go on.

python -m tests.faults.power --cuts 2000 does so at 2,000 moments of each profile and mode, and prints a table.
"""

import pytest

from tests.faults import power

CUTS = 150


@pytest.fixture(scope="module", params=power.PROFILES)
def life(request, tmp_path_factory):
    return request.param, power.record(tmp_path_factory.mktemp(request.param), request.param)


@pytest.mark.parametrize("mode", power.MODES)
def test_what_was_acknowledged_is_there_after_a_power_cut(life, mode):
    profile, told = life
    found = power.cut(told, profile, mode, CUTS, seed=0)
    assert found.violations == ()
    assert found.cuts == CUTS
    assert found.checked > 10 * CUTS
    assert found.finished > CUTS // 5
    # The other profile is there to be faster: this is what it costs.
    assert bool(found.lost) == (profile == "fast")


def test_a_disk_that_lies_about_its_syncs_is_found_out(life):
    """So these tests would find it out too if a sync that is needed were left out."""
    _, told = life
    lying = [event for event in told if event.kind != "S" or event.name == "."]
    found = power.cut(lying, "durable", "subset", CUTS, seed=0)
    assert len(found.violations) > CUTS // 5


@pytest.mark.slow
def test_no_cut_of_many_violates_anything():
    tallies = power.storm(2_000, seed=1, processes=2)
    print(power.table(tallies))
    assert [one for tally in tallies.values() for one in tally.violations] == []
