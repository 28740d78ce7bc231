"""A token lets whoever has it report one result, or send one signal, and tells nobody anything else."""

import json
import logging
import string
import traceback
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runfox import Backend, Complete, Dispatch, Failed, Pending, Workflow
from runfox.backend import codec
from runfox.errors import RequestError, TokenRefused, TooLarge
from runfox.graph.facts import SignalIgnored, SignalReceived
from runfox.testing import FakeClock, a_job
from runfox.tokens import MAX_TOKEN, Tokens

OLD, NEW = "o" * 32, "n" * 32
HOUR = timedelta(hours=1)

TWO = {
    "name": "two",
    "steps": [{"id": "a"}, {"id": "b", "depends_on": ["a"]}],
    "outputs": {"n": {"var": "steps.b.output.n"}},
}
ASKED = {
    "name": "asked",
    "steps": [
        {"id": "yes", "wait": {"signal": "yes", "data": {"type": "integer"}}},
        {"id": "no", "wait": {"signal": "no"}, "depends_on": ["yes"]},
    ],
}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def tokens(clock):
    return Tokens({"k1": NEW}, clock=clock)


@pytest.fixture
def run():
    return Workflow.from_dict(TWO, Backend())


@pytest.fixture
def asked():
    run = Workflow.from_dict(ASKED, Backend())
    assert run.advance() == Pending()
    return run


def at_once(call):
    """Return what twelve threads are answered."""
    answers = []
    threads = [Thread(target=lambda: answers.append(call())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def first_token(run, tokens):
    (job,) = run.advance().jobs
    return tokens.for_job(job, expires_in=HOUR)


# What one is good for ---------------------------------------------------------------------------------


def test_a_token_reports_a_result_and_dispatches_what_is_ready_then(run, tokens):
    token = first_token(run, tokens)
    (job,) = tokens.complete(run.backend, token, {"n": 1}).jobs
    assert job.step_id == "b"
    last = tokens.for_job(job, expires_in=HOUR)
    assert tokens.complete(run.backend, last, {"n": 2}) == Complete({"n": 2})


def test_a_token_reports_a_failure(run, tokens):
    ended = tokens.fail(run.backend, first_token(run, tokens), "Broken", "it broke")
    assert ended == Failed({"type": "Broken", "message": "it broke", "step": "a"})


def test_a_result_counts_once(run, tokens):
    token = first_token(run, tokens)
    assert isinstance(tokens.complete(run.backend, token, {"n": 1}), Dispatch)
    revision = run.backend.load(run.id).revision
    assert tokens.complete(run.backend, token, {"n": 1}) == Pending()
    assert run.backend.load(run.id).revision == revision
    tokens.complete(run.backend, token, {"n": 99})
    assert run.backend.load(run.id).steps["a"].output == {"n": 1}


def test_a_failure_of_a_run_that_is_over_does_not_count_against_the_next_one(tokens):
    again = {"name": "again", "steps": [{"id": "a", "max_attempts": 2}]}
    run = Workflow.from_dict(again, Backend())
    token = first_token(run, tokens)
    (job,) = tokens.fail(run.backend, token, "Broken", "it broke").jobs
    assert (job.step_id, job.run_id) == ("a", 1)
    assert tokens.fail(run.backend, token, "Broken", "it broke, it said") == Pending()
    assert run.step_statuses == {"a": "in_progress"}


def test_of_many_that_complete_at_once_one_dispatches(run, tokens):
    token = first_token(run, tokens)
    answers = at_once(lambda: tokens.complete(run.backend, token, {"n": 1}))
    assert sorted(type(answer).__name__ for answer in answers) == ["Dispatch"] + ["Pending"] * 11


def test_a_token_sends_its_signal_and_no_other(asked, tokens):
    token = tokens.for_signal(asked.id, "no", expires_in=HOUR)
    assert tokens.send(asked.backend, token) == Pending()
    assert asked.step_statuses["yes"] == "waiting"
    token = tokens.for_signal(asked.id, "yes", expires_in=HOUR)
    tokens.send(asked.backend, token, 1)
    assert asked.step_statuses["yes"] == "complete"


def test_a_signal_counts_once_and_another_token_for_it_counts_again(asked, tokens):
    one, other = (tokens.for_signal(asked.id, "no", expires_in=HOUR) for _ in range(2))
    for token in (one, one, other, one, other):
        tokens.send(asked.backend, token)
    rows = asked.backend.history(asked.id)
    facts = [type(fact) for row in rows for fact in codec.facts(row)]
    assert facts.count(SignalReceived) + facts.count(SignalIgnored) == 2


def test_a_signal_that_many_send_at_once_is_recorded_once(asked, tokens):
    token = tokens.for_signal(asked.id, "yes", expires_in=HOUR)
    assert len(at_once(lambda: tokens.send(asked.backend, token, 1))) == 12
    rows = asked.backend.history(asked.id)
    facts = [type(fact) for row in rows for fact in codec.facts(row)]
    assert facts.count(SignalReceived) == 1
    assert SignalIgnored not in facts


def test_a_signal_is_for_the_wait_that_the_token_says(tokens):
    waits = {
        "name": "waits",
        "steps": [
            {"id": of, "wait": {"signal": "go", "key": {"literal": of}}} for of in ("left", "right")
        ],
    }
    run = Workflow.from_dict(waits, Backend())
    run.advance()
    tokens.send(run.backend, tokens.for_signal(run.id, "go", to="right", expires_in=HOUR))
    assert run.step_statuses == {"left": "waiting", "right": "complete"}


@pytest.mark.parametrize("data", ["text", float("nan"), {1: 2}, "x" * 300_000])
def test_data_that_does_not_fit_is_refused_and_the_token_still_counts(asked, tokens, data):
    token = tokens.for_signal(asked.id, "yes", expires_in=HOUR)
    with pytest.raises(RequestError) as caught:
        tokens.send(asked.backend, token, data)
    assert not isinstance(caught.value, TokenRefused)
    tokens.send(asked.backend, token, 1)
    assert asked.step_statuses["yes"] == "complete"


# What none is good for --------------------------------------------------------------------------------


def refused(tokens, act):
    with pytest.raises(TokenRefused) as caught:
        act()
    assert str(caught.value) == str(TokenRefused(""))
    return caught.value.reason


def test_a_token_for_a_result_sends_no_signal_and_the_other_way_round(run, asked, tokens):
    token = first_token(run, tokens)
    assert "another purpose" in refused(tokens, lambda: tokens.send(run.backend, token))
    token = tokens.for_signal(asked.id, "yes", expires_in=HOUR)
    assert "another purpose" in refused(tokens, lambda: tokens.complete(asked.backend, token, {}))
    assert "another purpose" in refused(tokens, lambda: tokens.fail(asked.backend, token, "E", ""))


def test_a_token_expires_at_its_moment(run, tokens, clock):
    token = first_token(run, tokens)
    clock.advance(HOUR - timedelta(milliseconds=1))
    assert tokens.read(token).step_id == "a"
    clock.advance(timedelta(milliseconds=1))
    reason = refused(tokens, lambda: tokens.complete(run.backend, token, {}))
    assert "expired" in reason
    assert run.id in reason


def test_a_key_that_was_rotated_in_signs_and_the_old_one_is_accepted_until_it_is_taken_out(run):
    before = Tokens({"2025": OLD})
    token = first_token(run, before)
    both = Tokens({"2026": NEW, "2025": OLD})
    assert both.read(token) == before.read(token)
    assert both.for_job(a_job(), expires_in=HOUR).split(".")[1] == "2026"
    after = Tokens({"2026": NEW})
    assert "rotated out" in refused(after, lambda: after.read(token))


def test_a_token_of_another_secret_is_refused_whatever_its_key_is_called(run, tokens):
    token = first_token(run, Tokens({"k1": OLD}))
    assert "did not sign" in refused(tokens, lambda: tokens.read(token))


def test_a_token_for_a_run_of_another_store_is_refused(run, tokens):
    token = first_token(run, tokens)
    assert "not in this store" in refused(tokens, lambda: tokens.complete(Backend(), token, {}))
    short = run.id.rpartition("#")[2]
    other = Backend()
    Workflow.from_dict({**TWO, "name": "other"}, other, execution_id=short)
    assert "not in this store" in refused(tokens, lambda: tokens.complete(other, token, {}))


@given(st.data())
def test_no_change_to_a_token_is_accepted(data):
    tokens = Tokens({"k1": NEW})
    token = tokens.for_job(a_job(inputs={}), expires_in=HOUR)
    place = data.draw(st.integers(0, len(token)))
    kind = data.draw(st.sampled_from(["replace", "insert", "delete", "cut"]))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_.=+/ \n\0"))
    changed = {
        "replace": token[:place] + letter + token[place + 1 :],
        "insert": token[:place] + letter + token[place:],
        "delete": token[:place] + token[place + 1 :],
        "cut": token[:place],
    }[kind]
    if changed != token:
        refused(tokens, lambda: tokens.read(changed))


@given(st.data())
def test_nothing_that_is_said_otherwise_is_accepted(data):
    tokens = Tokens({"k1": NEW})
    mark, key, said, mac = tokens.for_job(a_job(), expires_in=HOUR).split(".")
    fields = json.loads(urlsafe_b64decode(said + "=="))
    place = data.draw(st.integers(0, len(fields) - 1))
    value = data.draw(st.one_of(st.text(), st.integers(), st.none(), st.lists(st.integers())))
    if value == fields[place]:
        return
    fields[place] = value
    forged = urlsafe_b64encode(json.dumps(fields).encode()).decode().rstrip("=")
    refused(tokens, lambda: tokens.read(f"{mark}.{key}.{forged}.{mac}"))


RUBBISH = st.one_of(
    st.text(),
    st.binary(),
    st.none(),
    st.integers(),
    st.lists(st.text()),
    st.text(alphabet=string.ascii_letters + "._-=", max_size=200),
    st.builds("rfx1.k1.{}.{}".format, st.text(), st.text()),
    st.builds(
        "rfx1.{}.{}.{}".format,
        st.from_regex(r"[A-Za-z0-9_-]{1,9}", fullmatch=True),
        st.from_regex(r"[A-Za-z0-9_-]{1,99}", fullmatch=True),
        st.from_regex(r"[A-Za-z0-9_-]{43}", fullmatch=True),
    ),
    st.integers(1, 3).map(lambda n: "rfx1.k1.AAAA." * 2_000 * n),
)


@given(RUBBISH)
def test_rubbish_is_refused_and_raises_nothing_else(rubbish):
    tokens, backend = Tokens({"k1": NEW}), Backend()
    for act in (
        lambda: tokens.read(rubbish),
        lambda: tokens.complete(backend, rubbish, {}),
        lambda: tokens.fail(backend, rubbish, "E", "m"),
        lambda: tokens.send(backend, rubbish),
    ):
        refused(tokens, act)


# What is not told -------------------------------------------------------------------------------------


def test_the_reason_is_logged_and_neither_the_token_nor_a_secret_is(run, tokens, caplog):
    token = first_token(run, tokens)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    with caplog.at_level(logging.DEBUG), pytest.raises(TokenRefused) as caught:
        tokens.complete(run.backend, forged, {})
    assert "did not sign" in caplog.text
    written = "".join((caplog.text, repr(tokens), str(caught.value), caught.value.reason))
    below = caught.value.__traceback__.tb_next  # the frames of runfox, without this one
    told = traceback.StackSummary.extract(traceback.walk_tb(below), capture_locals=True)
    written += "".join(told.format())
    assert forged[-20:] in written  # what it was called with is there
    assert NEW not in written
    assert token.rpartition(".")[2] not in written
    assert repr(tokens) == "Tokens(keys: k1)"


def test_what_a_bearer_wrote_cannot_forge_a_line_of_the_log(tokens, caplog):
    for rubbish in ("rfx1.k\nroot: all is well.AA." + "A" * 43, "x\ny"):
        refused(tokens, lambda rubbish=rubbish: tokens.read(rubbish))
    assert all("\n" not in record.getMessage() for record in caplog.records)


# What can be asked for --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys", [{}, {"k": "short"}, {"k": b"x" * 31}, {"": NEW}, {"a.b": NEW}, {"a\n": NEW}]
)
def test_keys_that_are_of_no_use_are_refused_and_not_shown(keys):
    with pytest.raises(RequestError) as caught:
        Tokens(keys)
    assert "short" not in str(caught.value).replace("too short", "")
    assert NEW not in str(caught.value)


@pytest.mark.parametrize("expires_in", [timedelta(0), -HOUR, timedelta.max])
def test_a_token_that_expires_at_no_good_moment_is_refused(tokens, expires_in):
    with pytest.raises(RequestError):
        tokens.for_job(a_job(), expires_in=expires_in)


def test_a_token_is_safe_in_an_address_and_never_too_long_to_be_read(tokens, asked):
    token = tokens.for_signal(asked.id, "yes", to="k" * 1_000, expires_in=HOUR)
    assert set(token) <= set(string.ascii_letters + string.digits + "._-")
    assert tokens.read(token).to == "k" * 1_000
    with pytest.raises(TooLarge):
        tokens.for_signal(asked.id, "yes", to="k" * MAX_TOKEN, expires_in=HOUR)
