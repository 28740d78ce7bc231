"""The doctor: every check is a function of facts, and the command tells what they come to."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from runfox import Workflow
from runfox.backend import Backend, health
from runfox.backend.health import schema_finding
from runfox.backend.postgres import health as postgres
from runfox.backend.protocols import DEFAULT_LIMITS, Depth, Taker, WorkerRow
from runfox.backend.sqlite import health as sqlite
from runfox.backend.sqlite import schema
from runfox.backend.stalling import Stalled
from runfox.backend.sweeping import sweep
from runfox.connect import connect
from runfox.testing import NOW
from tests.unit.cli.saying import Say, saying

MB = 1024 * 1024
HOUR = timedelta(hours=1)

GOOD = sqlite.Facts(
    sqlite=(3, 51, 3),
    version=schema.VERSION,
    journal="wal",
    synchronous=2,
    busy_ms=10_000,
    size=10 * MB,
    log=MB,
    free=MB,
    disk=10_000 * MB,
    file_mode=0o100600,
    folder_mode=0o040755,
    dead=0,
    damage=None,
)
FINE = postgres.Facts(
    settings={
        "server_version": "16.2",
        "server_version_num": "160002",
        "synchronous_commit": "on",
        "fsync": "on",
        "full_page_writes": "on",
        "statement_timeout": "30s",
        "lock_timeout": "10s",
        "max_connections": "100",
    },
    version=postgres.schema.VERSION,
    connections=10,
    size=MB,
)
WELL = health.Facts(
    now=NOW,
    host=NOW,
    workers=[WorkerRow("w", "worker", "h", 1, NOW + HOUR, True, 1)],
    depths=[Depth("", "queued", 2, NOW), Depth("", "taken", 1, NOW)],
    swept=NOW,
    open=3,
    stalled=(),
    limits=DEFAULT_LIMITS,
)


@pytest.mark.parametrize(("facts", "module"), [(GOOD, sqlite), (FINE, postgres), (WELL, health)])
def test_where_all_is_well_every_check_says_so_and_nothing_is_to_be_done(facts, module) -> None:
    found = module.findings(facts)
    assert {one.level for one in found} == {"ok"}
    assert not any(one.way_out for one in found)
    assert len({one.check for one in found}) == len(found)


@pytest.mark.parametrize(
    ("change", "check", "level"),
    [
        ({"sqlite": (3, 40, 1)}, "sqlite", "warning"),
        ({"sqlite": (3, 51, 2)}, "sqlite", "warning"),
        ({"version": 1}, "schema", "problem"),
        ({"journal": "delete"}, "settings", "problem"),
        ({"synchronous": 1}, "settings", "warning"),
        ({"busy_ms": 100}, "settings", "warning"),
        ({"log": 300 * MB}, "log", "warning"),
        ({"disk": 100 * MB}, "disk", "warning"),
        ({"disk": 1000}, "disk", "problem"),
        ({"file_mode": 0o100644}, "permissions", "warning"),
        ({"folder_mode": 0o040777}, "permissions", "warning"),
        ({"dead": 2}, "lock files", "warning"),
        ({"damage": ["row 7 missing from index"]}, "integrity", "problem"),
    ],
)
def test_what_is_wrong_with_a_file_is_found_and_nothing_else(change, check, level) -> None:
    bad = [one for one in sqlite.findings(GOOD._replace(**change)) if one.level != "ok"]
    assert [(one.check, one.level) for one in bad] == [(check, level)]
    assert bad[0].way_out


@pytest.mark.parametrize("release", [(3, 50, 7), (3, 44, 6), (3, 53, 0)])
def test_releases_of_sqlite_with_the_fix_are_known(release) -> None:
    assert sqlite.sqlite_release(GOOD._replace(sqlite=release)).level == "ok"


def test_a_system_without_modes_has_none_to_look_at() -> None:
    facts = GOOD._replace(file_mode=None, folder_mode=None, damage=[])
    assert {one.level for one in sqlite.findings(facts)} == {"ok"}


@pytest.mark.parametrize(
    ("change", "check", "level"),
    [
        ({"server_version_num": "120001"}, "server", "warning"),
        ({"fsync": "off"}, "settings", "problem"),
        ({"full_page_writes": "off"}, "settings", "problem"),
        ({"synchronous_commit": "off"}, "settings", "problem"),
        ({"statement_timeout": "0"}, "timeouts", "warning"),
        ({"max_connections": "11"}, "connections", "warning"),
    ],
)
def test_what_is_wrong_with_a_server_is_found_and_nothing_else(change, check, level) -> None:
    facts = FINE._replace(settings={**FINE.settings, **change})
    bad = [one for one in postgres.findings(facts) if one.level != "ok"]
    assert [(one.check, one.level) for one in bad] == [(check, level)]
    assert bad[0].way_out


def test_older_tables_of_a_server_are_a_problem() -> None:
    older = FINE._replace(version=0)
    assert schema_finding(older.version, postgres.schema.VERSION).level == "problem"


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"host": NOW + timedelta(minutes=1)}, "clock"),
        ({"host": NOW - timedelta(minutes=1)}, "clock"),
        ({"workers": [], "swept": None}, "drivers"),
        ({"workers": [], "swept": NOW - HOUR}, "drivers"),
        ({"workers": [WorkerRow("w", "worker", "h", 1, NOW, True, 1)], "swept": None}, "drivers"),
        ({"workers": [WorkerRow("w", "driver", "h", 1, None, False, 0)], "swept": None}, "drivers"),
        ({"stalled": [Stalled("due", "w#x", "", NOW, "why", "out")]}, "stale"),
    ],
)
def test_who_looks_after_a_store_is_found_out(change, check) -> None:
    bad = [one for one in health.findings(WELL._replace(**change)) if one.level != "ok"]
    assert [(one.check, one.level) for one in bad] == [(check, "warning")]
    assert bad[0].way_out


def test_nobody_has_to_look_after_a_store_in_which_nothing_is_open_or_that_was_swept() -> None:
    alone = WELL._replace(workers=[])
    assert health.drivers(alone).level == "ok"
    assert health.drivers(alone._replace(swept=None, open=0)).level == "ok"


# The command ------------------------------------------------------------------------------------------


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    monkeypatch.chdir(tmp_path)
    return saying(capsys)


@pytest.fixture
def backend(say: Say) -> Iterator[Backend]:
    backend = connect("runfox.db")
    yield backend
    backend.store.close()


def test_a_database_of_ours_has_no_problem(say: Say, backend: Backend) -> None:
    said = say("doctor", "--deep", "-o", "json")
    assert said.code == 0
    levels = {one["check"]: one["level"] for one in said.json}
    assert levels["integrity"] == levels["settings"] == levels["permissions"] == "ok"
    assert levels.keys() >= {"sqlite", "schema", "log", "size", "disk", "clock", "stale", "limits"}
    assert set(levels.values()) <= {"ok", "warning"}


def test_nobody_at_work_is_told_until_somebody_is(say: Say, backend: Backend) -> None:
    Workflow.from_dict({"name": "n", "steps": [{"id": "a"}]}, backend).advance()
    levels = {one["check"]: one["level"] for one in say("doctor", "-o", "json").json}
    assert levels["drivers"] == "warning"
    sweep(backend)
    levels = {one["check"]: one["level"] for one in say("doctor", "-o", "json").json}
    assert levels["drivers"] == "ok"
    backend.queue.ledger.beat(Taker("w", HOUR, role="driver"))
    assert "1 driver at work" in say("doctor").out


def test_a_damaged_file_is_a_problem(say: Say, backend: Backend) -> None:
    for number in range(50):
        Workflow.from_dict({"name": f"n{number}", "steps": [{"id": "a"}]}, backend).advance()
    backend.store.close()
    with closing(sqlite3.connect("runfox.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        sql = "DELETE FROM sqlite_master WHERE name = 'executions_wake'"
        connection.execute(sql)
        connection.commit()
    said = say("doctor", "--deep", "-o", "json")
    assert said.code == 1
    [damage] = [one for one in said.json if one["level"] == "problem"]
    assert damage["check"] == "integrity"


def test_what_is_to_be_done_stands_under_what_is_wrong(say: Say, backend: Backend) -> None:
    Path("runfox.db").chmod(0o644)
    text = say("doctor").out
    assert "mode 0644: others on this machine can read" in text
    assert "-> chmod 600" in text


def test_a_server_is_looked_at_too(say: Say, postgres_database: str) -> None:
    said = say("doctor", "--backend", postgres_database, "-o", "json")
    assert said.code == 0, said.out
    levels = {one["check"]: one["level"] for one in said.json}
    assert levels["settings"] == levels["schema"] == levels["clock"] == "ok"
    connect(postgres_database).store.close()
