"""How often an idle process looks at a file: by how long nothing was written to it."""

from hypothesis import given
from hypothesis import strategies as st

from runfox.backend.sqlite.waking import LONGEST, SHORTEST, pause_after


@given(st.floats(0, 1e6))
def test_a_look_comes_soon_after_a_short_silence_and_never_late(quiet):
    assert SHORTEST <= pause_after(quiet) <= max(SHORTEST, quiet / 100)
    assert pause_after(quiet) <= LONGEST


def test_a_file_that_is_quiet_for_long_is_looked_at_fifty_times_a_second():
    assert pause_after(3600) == LONGEST
