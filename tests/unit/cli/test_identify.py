"""From what a person types to an execution; from ids to what a table shows of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox import Workflow
from runfox.cli.commands.list import SHORTEST, _short_ids
from runfox.cli.identify import execution_key
from runfox.connect import connect
from runfox.errors import ExecutionNotFound, InvalidId, RequestError

FLOW = {"name": "x", "steps": [{"id": "a"}]}


@pytest.fixture
def backend() -> object:
    backend = connect("memory:")
    for name in ("order-1", "order-10", "invoice"):
        Workflow.from_dict(FLOW, backend, execution_id=name)
    return backend


@pytest.mark.parametrize(
    ("word", "found"),
    [("order-1", "order-1"), ("order-10", "order-10"), ("inv", "invoice"), ("last", "invoice")],
)
def test_an_id_its_beginning_and_last_mean_one_execution(backend, word: str, found: str) -> None:
    key = execution_key(backend, word)
    assert key.endswith(f"#{found}")
    assert execution_key(backend, key) == key


def test_a_beginning_of_the_long_form_will_do(backend) -> None:
    key = execution_key(backend, "invoice")
    assert execution_key(backend, key[:-3]) == key


def test_an_ambiguous_beginning_names_the_candidates(backend) -> None:
    with pytest.raises(RequestError, match=r"order-10.*Type more of it"):
        execution_key(backend, "order")


@pytest.mark.parametrize("word", ["nope", "0000#order-1", "0000#ord"])
def test_what_is_not_there_is_not_found(backend, word: str) -> None:
    with pytest.raises(ExecutionNotFound):
        execution_key(backend, word)


@pytest.mark.parametrize("word", ["", "../x", "a b", "#", "x" * 200])
def test_what_is_no_id_gets_no_further(backend, word: str) -> None:
    with pytest.raises(InvalidId):
        execution_key(backend, word)


@given(st.lists(st.text("ab", min_size=1, max_size=60), unique=True, min_size=1, max_size=20))
def test_shortened_ids_tell_executions_apart(ids: list[str]) -> None:
    for own, short in zip(ids, _short_ids(ids), strict=True):
        assert own.startswith(short)
        assert short == own or len(short) >= SHORTEST
        # Who types it means this one: it is its id, or the beginning of no other.
        assert short == own or [other for other in ids if other.startswith(short)] == [own]


def test_an_execution_is_meant_before_those_that_it_called() -> None:
    backend = connect("memory:")
    caller = {"name": "p", "steps": [{"id": "c", "call": "o"}]}
    caller["workflows"] = {"o": {"steps": [{"id": "x"}]}}
    run = Workflow.from_dict(caller, backend, execution_id="parent")
    run.advance()
    child = backend.load("parent").steps["c"].more.child
    assert child.startswith("parent.")
    for word in ("par", "parent", "last"):
        assert execution_key(backend, word) == run.id
    assert execution_key(backend, child[:9]).endswith(f"#{child}")
