"""The order process, killed on its way: each effect once for each key, and undone where it should be."""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest

from runfox import Complete, Failed, Workflow
from runfox.connect import connect
from tests.acceptance.order import FLOW
from tests.acceptance.processes import ROOT, said

LINES = [{"sku": "coffee", "quantity": 3}, {"sku": "mill", "quantity": 1}]


@pytest.fixture
def shop(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNFOX_SECRET_PAYMENT_KEY", "sesame-key")
    monkeypatch.setenv("ORDER_PROCESS_EFFECTS", str(tmp_path / "effects"))
    monkeypatch.setenv("ORDER_PROCESS_PACE", "0.02")
    return tmp_path


def driver(shop, key):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.acceptance.order", str(shop / "x.db"), key],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def killed_on_its_way(shop, key, effects):
    """Drive it, and kill the driver each time that so many effects more have come about; then let it end."""
    for number in effects:
        process = driver(shop, key)
        while process.poll() is None and len(told(shop)) < number:
            time.sleep(0.002)
        process.kill()
        process.wait()
        process.stdout.close()
    return said(driver(shop, key))


def told(shop):
    file = shop / "effects"
    if not file.exists():
        return []
    lines = file.read_text().splitlines()
    return [json.loads(line) for line in lines if line.endswith("}")]


def effects_of(shop):
    """Return how often each function had an effect; one that was repeated under its key is the same one."""
    keys = {(one["key"], one["fn"]) for one in told(shop)}
    return Counter(fn for _, fn in keys)


def ordered(shop, **inputs):
    backend = connect(str(shop / "x.db"))
    given = {"order_id": "o-1", "customer": "grace", "items": LINES, **inputs}
    return Workflow.from_file(FLOW, backend, inputs=given)


def test_an_order_that_is_killed_three_times_is_paid_and_shipped_once(shop):
    workflow = ordered(shop)
    killed_on_its_way(shop, workflow.id, (1, 4, 7))
    result = workflow.result
    assert isinstance(result, Complete)
    assert result.outcome["parcels"] == 2
    counts = effects_of(shop)
    assert counts["capture"] == counts["price"] == counts["notify"] == 1
    assert counts["reserve"] == counts["ship"] == 2
    assert counts["give_back"] == counts["refund"] == 0


def test_a_rollback_that_is_killed_on_its_way_gives_back_what_was_reserved(shop):
    workflow = ordered(shop, card="declined")
    killed_on_its_way(shop, workflow.id, (2, 5, 6))
    result = workflow.result
    assert isinstance(result, Failed)
    assert result.error["rolled_back"] == ["reserve[1]", "reserve[0]"]
    counts = effects_of(shop)
    assert counts["give_back"] == counts["reserve"] == 2
    assert counts["capture"] == 0
    assert counts["notify"] == 1
    undone = [one["inputs"]["reservation"] for one in told(shop) if one["fn"] == "give_back"]
    assert list(dict.fromkeys(undone)) == ["1-mill", "0-coffee"]


def test_nothing_that_is_stored_knows_the_secret(shop):
    workflow = ordered(shop)
    killed_on_its_way(shop, workflow.id, ())
    assert isinstance(workflow.result, Complete)
    workflow.backend.store.close()
    stored = b"".join(file.read_bytes() for file in shop.glob("x.db*") if file.is_file())
    assert b"sesame" not in stored
