"""An executor gets the secrets that its step names, and nobody sees them in what it says."""

import asyncio

import pytest

from runfox.execution import open_pool, perform
from runfox.results import DispatchJob, Terms

SECRET = 's3cr3t"va\\lue\n2'

PLACES = ((("token",), "token"), (("deep", 0, "key"), "api.key"))
JOB = DispatchJob(
    "w#x",
    "step",
    "fn",
    {"token": None, "deep": [{"key": None}], "n": 1},
    0,
    terms=Terms(secrets=PLACES),
)


def keeper(name):
    return {"token": SECRET, "api.key": "other key"}[name]


def test_secrets_are_put_in_their_places_and_nowhere_else():
    got = {}

    def executor(fn, inputs):
        got.update(inputs)
        return {}

    perform(executor, JOB, secrets=keeper)
    assert got == {"token": SECRET, "deep": [{"key": "other key"}], "n": 1}
    assert JOB.inputs == {"token": None, "deep": [{"key": None}], "n": 1}


def test_by_default_secrets_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("RUNFOX_SECRET_TOKEN", "from outside")
    monkeypatch.setenv("RUNFOX_SECRET_API_KEY", "too")
    seen = []
    perform(lambda fn, inputs: seen.append(inputs) or {}, JOB)
    assert seen[0]["token"] == "from outside"
    assert seen[0]["deep"][0]["key"] == "too"


def failing_keeper(name):
    raise LookupError(f"vault is sealed for {name}")


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        (None, "set RUNFOX_SECRET_TOKEN where the step is executed"),
        (failing_keeper, "LookupError: vault is sealed for token"),
        (lambda name: None, "answered NoneType, not str"),
    ],
)
@pytest.mark.parametrize("mode", ["inline", "thread", "process", "async"])
def test_a_missing_secret_fails_the_attempt_and_says_where_to_set_it(mode, secrets, message):
    options = {} if secrets is None else {"secrets": secrets}
    pool = open_pool(later if mode == "async" else echo, mode=mode, **options)
    pool.submit([JOB])
    [(_, result)] = pool.finished(20)
    pool.close()
    assert result.error["type"] == "SecretMissing"
    assert message in result.error["message"]


def echo(fn, inputs):
    token = inputs["token"]
    return {"told": [f"Bearer {token}!", {token: repr(token)}], "n": inputs["n"]}


async def later(fn, inputs):
    await asyncio.sleep(0)
    return echo(fn, inputs)


def fail(fn, inputs):
    raise KeyError("x" * 3_990 + inputs["token"])


async def fail_later(fn, inputs):
    return fail(fn, inputs)


@pytest.mark.parametrize("mode", ["inline", "thread", "process", "async"])
def test_no_secret_is_in_an_output_or_an_error_in_whatever_form(mode):
    for executor, where in ((echo, "output"), (fail, "error")):
        used = {echo: later, fail: fail_later}[executor] if mode == "async" else executor
        pool = open_pool(used, mode=mode, secrets=keeper)
        pool.submit([JOB])
        [(job, result)] = pool.finished(20)
        pool.close()
        assert "s3cr3t" not in str(result)
        assert "s3cr3t" not in str(job)
        if where == "output":
            assert result.output == {"told": ["Bearer ***!", {"***": "'***'"}], "n": 1}
        else:
            assert result.error["message"].endswith("x***'")


@pytest.mark.parametrize("mode", ["inline", "thread", "process"])
def test_no_secret_is_in_progress(mode):
    told = []
    pool = open_pool(
        telling, mode=mode, secrets=keeper, progress=lambda job, word: told.append((job, word))
    )
    pool.submit([JOB])
    [(_, result)] = pool.finished(20)
    pool.close()
    assert result.output == {"last": "***"}
    assert [word for _, word in told] == [{"at": "***"}]
    assert "s3cr3t" not in str(told)


def telling(fn, inputs):
    yield {"at": inputs["token"]}
    return {"last": inputs["token"]}


def test_a_secret_that_is_part_of_another_leaves_nothing_of_it_to_see():
    values = {"token": "abcd", "api.key": "abcdefgh"}
    result = perform(lambda fn, inputs: {"both": "abcd abcdefgh"}, JOB, secrets=values.get)
    assert result.output == {"both": "*** ***"}


def test_a_short_secret_is_not_looked_for():
    values = {"token": "1", "api.key": "2"}
    result = perform(lambda fn, inputs: {"n": "12"}, JOB, secrets=values.get)
    assert result.output == {"n": "12"}


def test_what_an_operator_gave_the_step_in_place_of_a_secret_stays():
    job = JOB._replace(inputs={"token": "mine", "deep": "gone"})
    seen = []
    perform(lambda fn, inputs: seen.append(inputs) or {}, job, secrets=keeper)
    assert seen == [{"token": "mine", "deep": "gone"}]


def test_a_place_that_an_operator_left_out_is_filled_where_there_is_room():
    job = JOB._replace(inputs={"n": 2})
    seen = []
    perform(lambda fn, inputs: seen.append(inputs) or {}, job, secrets=keeper)
    assert seen == [{"n": 2, "token": SECRET}]
