"""Processes are killed, stopped and cut off by the dozen: nothing is lost, recorded twice, or never ends."""

import sqlite3
from contextlib import closing

import pytest

from tests.golden.test_golden import HERE as GOLDEN
from tests.storms.callers import outcomes_of
from tests.storms.scenes import BACKENDS, HEAD, weather
from tests.storms.storm import Plan

BIG = [
    *[(backend, Plan(kills=250)) for backend in BACKENDS],
    ("sqlite", Plan(kills=60, stops=28)),
    ("postgres", Plan(kills=60, stops=28)),
    ("postgres", Plan(kills=100, restarts=6)),
    ("postgres", Plan(kills=60, cuts=78)),
    ("mixed", Plan(kills=60, cuts=78)),
]


@pytest.fixture
def storm(tmp_path, postgres_url):
    def rage(backend, plan, old=None):
        report = weather(backend, tmp_path, plan, url=postgres_url, old=old)
        print(f"{HEAD}\n{report.row}")
        assert report.wrong == []
        assert report.sound
        return report

    return rage


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_of_twenty_kills_nothing_is_lost_and_nothing_recorded_twice(storm, backend):
    storm(backend, Plan(kills=20))


@pytest.mark.parametrize("backend", ["split", "mixed"])
def test_a_queue_apart_from_the_store_loses_nothing_either(storm, backend):
    storm(backend, Plan(kills=8))


@pytest.mark.parametrize("backend", ["sqlite", "postgres"])
def test_who_is_stopped_for_longer_than_its_lease_does_no_harm_when_it_goes_on(storm, backend):
    storm(backend, Plan(kills=3, stops=4))


def test_a_server_that_is_restarted_at_once_loses_nothing(storm):
    storm("postgres", Plan(kills=4, restarts=1))


def test_a_commit_whose_answer_is_lost_is_made_once(storm):
    storm("postgres", Plan(kills=4, cuts=12))


def test_runs_that_the_first_format_began_end_in_a_storm_as_they_would_have_then(storm, tmp_path):
    with closing(sqlite3.connect(tmp_path / "runs.db", isolation_level=None)) as connection:
        connection.executescript((GOLDEN / "format_1.sql").read_text())
    old = outcomes_of(GOLDEN / "format_1.json")
    storm("sqlite", Plan(kills=8), old=old)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backend", "plan"), BIG, ids=[f"{backend}-{'-'.join(map(str, plan))}" for backend, plan in BIG]
)
def test_a_big_storm_loses_nothing(storm, backend, plan):
    storm(backend, plan)
