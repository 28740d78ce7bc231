"""What fuzzing has found once, under the name of what it was."""

import json

import pytest

from runfox.backend import Backend, codec, records
from runfox.backend.shapes import Loaded, Row
from runfox.errors import StoreCorrupt
from runfox.graph import compile_plan
from runfox.spec import from_data
from runfox.testing import NOW

PLAN = compile_plan(
    from_data({"name": "x", "steps": [{"id": "a"}, {"id": "each", "foreach": {"items": [1]}}]})
)


@pytest.fixture(scope="module")
def told():
    backend = Backend()
    key = backend.create(PLAN.spec, execution_id="x")
    backend.step(key)
    return records.record_text(backend.load(key))


RECORDS = {
    "a moment beyond the calendar": lambda data: data | {"created_at": 10**30},
    "steps that are a list": lambda data: data | {"steps": []},
    "a record that is a list": lambda data: [data],
    "a record that is nothing": lambda data: None,
    "a frame that is a text": lambda data: data | {"undo": "x"},
    "a step that nobody knows": lambda data: data | {"steps": {"z": data["steps"]["a"]}},
    "a status that nobody knows": lambda data: data | {"status": "odd"},
    "a step that is a number": lambda data: data | {"steps": {"a": 1}},
    "a parent of too few parts": lambda data: data | {"parent": ["x"]},
}


@pytest.mark.parametrize("what", RECORDS)
def test_a_damaged_record_is_corrupt(what, told):
    with pytest.raises(StoreCorrupt, match="cannot be read"):
        records.record_from(json.dumps(RECORDS[what](json.loads(told))), PLAN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        '{"a":' * 100_000,
        "[" * 900 + "]" * 900,
        "1" * 100_000,
        "\x00",
        "NaN",
        '"\\ud800"',
    ],
)
def test_a_text_that_is_no_record_is_corrupt(text):
    with pytest.raises(StoreCorrupt):
        records.record_from(text, PLAN)
    with pytest.raises(StoreCorrupt):
        codec.facts(Row(1, NOW, text))


CREATED = '["created","w",{}]'
HISTORIES = {
    "a fact of a step that nobody knows": f'[{CREATED},["dispatched","z",0,1,{{}}]]',
    "an item that is not there": f'[{CREATED},["dispatched","each[7]",0,1,{{}}]]',
    "a move that cannot be": f'[{CREATED},["succeeded","a",0,{{}}],["succeeded","a",0,{{}}]]',
    "a path that is a number": f'[{CREATED},["dispatched",7,0,1,{{}}]]',
    "a parent of too few parts": '[["created","w",{},null,["x"]]]',
    "a moment beyond the calendar": f'[{CREATED},["waiting","a",1{"0" * 30}]]',
    "no creation": '[["paused"]]',
    "nothing": "[]",
}


@pytest.mark.parametrize("what", HISTORIES)
def test_a_history_that_does_not_fold_is_corrupt(what):
    loaded = Loaded("w", 1, None, None, [Row(1, NOW, HISTORIES[what])])
    with pytest.raises(StoreCorrupt):
        records.record_of(loaded, "x", PLAN)
