"""What ``-i`` means."""

from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox import values
from runfox.cli.inputs import read_inputs

KEYS = st.text(st.characters(exclude_characters="=@", categories=["L", "N"]), min_size=1)


@given(
    KEYS,
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(), st.lists
    ),
)
def test_a_value_that_is_json_is_that_value(key: str, value: object) -> None:
    assert read_inputs([f"{key}={values.text(value)}"]) == {key: value}


@pytest.mark.parametrize(
    "word", ["", "plain text", "{", "NaN", "01", "a=b", "'x'", '{"a":1,"a":2}']
)
def test_a_value_that_is_not_json_is_text(word: str) -> None:
    assert read_inputs([f"key={word}"]) == {"key": word}


def test_the_later_one_wins_whether_it_comes_from_a_file_or_not(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text('{"a": 1, "b": 1}')
    file = f"@{tmp_path / 'in.json'}"
    assert read_inputs(["a=0", file, "b=2"]) == {"a": 1, "b": 2}


@pytest.mark.parametrize("word", ["key", "=1", ""])
def test_what_is_no_pair_is_refused(word: str) -> None:
    with pytest.raises(click.BadParameter, match="key=value"):
        read_inputs([word])
