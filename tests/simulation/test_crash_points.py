"""A process may die before or after every single thing it writes: every run ends as if it had not."""

import pytest

from tests.simulation.campaign import MODES, quiet
from tests.simulation.points import SMALL, SMALLEST, every_point, failure, pairs

SHARE = 23
"""Of the pairs of crashes one in so many is tried at every time, all of them among the slow tests."""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SMALL)
def test_one_crash_anywhere_spoils_nothing(mode, name):
    with quiet():
        count, wrong = every_point(mode, name)
    assert count >= 20
    assert wrong == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SMALLEST)
@pytest.mark.parametrize("share", [SHARE, pytest.param(1, marks=pytest.mark.slow)])
def test_two_crashes_anywhere_spoil_nothing(mode, name, share):
    with quiet():
        some = pairs(mode, name)[::share]
        assert [told for one in some if (told := failure(mode, name, one))] == []
