"""Every mistake is found, at its place, with its code, and nothing else is complained about."""

import re

import pytest

from runfox.errors import SpecError
from runfox.spec import CODES, Problem, check_text, from_data, load
from runfox.spec.reader import read
from tests.unit.spec.bad_specs import BAD, Bad, one, steps


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return a text without its marks, and the line and column of each."""
    places = []
    before = ""
    for piece in text.split("«")[:-1]:
        before += piece
        places.append((before.count("\n") + 1, len(before) - before.rfind("\n")))
    return text.replace("«", ""), places


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad.codes}-{bad.text[-50:]!r}")
def test_every_problem_of_a_file_is_reported_at_its_place_and_nothing_else(bad: Bad) -> None:
    text, places = marked(bad.text)
    expected = sorted(zip(places, bad.codes.split(), strict=True))
    problems = check_text(text, source="flow.yaml")
    assert [((p.line, p.column), p.code) for p in problems] == expected


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.codes)
def test_load_raises_for_the_errors_and_only_for_them(bad: Bad) -> None:
    text, _ = marked(bad.text)
    errors = [p for p in check_text(text) if p.severity == "error"]
    if not errors:
        assert load(text).name == "x"
        return
    with pytest.raises(SpecError) as caught:
        load(text)
    assert list(caught.value.problems) == errors


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.codes)
def test_a_dict_has_the_problems_of_its_text_with_pointers(bad: Bad) -> None:
    text, _ = marked(bad.text)
    reading = read(text, "x")
    if reading.findings or not isinstance(reading.data, dict):
        return  # what the reader refuses has no form as a dict
    errors = [(p.code, p.pointer) for p in check_text(text) if p.severity == "error"]
    if not errors:
        assert from_data(reading.data).workflow_id == load(text).workflow_id
        return
    with pytest.raises(SpecError) as caught:
        from_data(reading.data)
    found = caught.value.problems
    assert sorted((p.code, p.pointer) for p in found) == sorted(errors)
    assert all(p.line is None and p.excerpt is None for p in found)


def test_the_table_of_codes_names_every_code_and_no_other() -> None:
    seen = {p.code for bad in BAD for p in check_text(marked(bad.text)[0])}
    elsewhere = {
        "json-syntax",
        "not-utf8",
        "too-deep",
        "not-json",
        "thread-goes-on",
    }  # see test_reader, test_dicts and below
    assert seen | elsewhere == set(CODES)
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", code) for code in CODES)
    assert all(about.endswith((".", "(warning)")) for about in CODES.values())


def test_warnings_are_marked_in_the_table_of_codes() -> None:
    problems = [p for bad in BAD for p in check_text(marked(bad.text)[0])]
    warnings = {p.code for p in problems if p.severity == "warning"}
    warnings.add("thread-goes-on")
    assert warnings == {code for code, about in CODES.items() if about.endswith("(warning)")}
    assert not warnings & {p.code for p in problems if p.severity == "error"}


def test_a_timeout_that_a_thread_cannot_be_ended_at_is_told_of_where_threads_are_meant() -> None:
    text = """\
name: x
defaults: {timeout: 1m}
steps:
  - {id: a, timeout: 5s}
  - {id: b, timeout: {attempt: 5s}}
  - {id: c, timeout: {total: 5s}}
  - {id: d, wait: {signal: go}, timeout: 5s}
  - {id: e, do: [{id: f, timeout: 1s}]}
"""
    assert check_text(text) == []
    found = check_text(text, threads=True)
    assert [(p.line, p.code, p.severity) for p in found] == [
        (line, "thread-goes-on", "warning") for line in (2, 4, 5, 8)
    ]


def only(text: str) -> Problem:
    (problem,) = check_text(text, source="flow.yaml")
    return problem


def test_a_problem_shows_place_code_message_line_caret_and_way_out() -> None:
    text = steps("  - id: review\n  - id: publish\n    depends_on: [reveiw]\n")
    assert str(only(text)) == (
        "flow.yaml:5:18: unknown-step: no step 'reveiw'\n"
        "        depends_on: [reveiw]\n"
        "                     ^\n"
        "    hint: Did you mean 'review'?"
    )


def test_a_problem_of_a_dict_shows_its_pointer() -> None:
    data = {"name": "x", "steps": [{"id": "a"}, {"id": "b", "depends_on": ["A"]}]}
    with pytest.raises(SpecError) as caught:
        from_data(data, source="<orders>")
    (problem,) = caught.value.problems
    assert str(problem).startswith("<orders>:/steps/1/depends_on/0: unknown-step: no step 'A'")


def test_a_warning_says_that_it_is_one() -> None:
    first = str(only(one("input: {v: {max: 5}}"))).partition("\n")[0]
    assert first.endswith("always gives the same value (warning)")


HINTS = [
    (one("depnds_on: []"), "Did you mean 'depends_on'?"),
    (one("condition: true"), "'condition' belongs in an entry of branch."),
    ("name: x\nsteps: [{id: a}]\ndelay: 1", "'delay' belongs in a retry policy."),
    (one("branch: [{action: hlat}]"), "Did you mean 'halt'?"),
    (one("branch: [{action: {complete: {}}}]"), "Write: action: complete."),
    (one("input: {v: {max: 5}}"), "If it is data, write {literal: {max: ...}}."),
    (one("input: {v: {in: eu}}"), "If it is data, write {literal: {in: ...}}."),
    (
        one("input: {v: {vra: x}}"),
        "Did you mean 'var'? If it is data, write {literal: {vra: ...}}.",
    ),
    (one("input: {v: {var: inptu.x}}"), "Did you mean 'input'?"),
    (one("input: {v: {var: error.type}}"), "'error' is there in branches and retry policies only."),
    (one("retry: {delay: P1Y}"), None),
    (steps("  - id: 7"), 'Quote it: "7".'),
    (steps("  - fetch"), "Write: id: fetch"),
    ("name: x\nsteps: [{id: a, input: {1: b}}]", "Quote it: '1'."),
    ("name: x\nsteps:\n\t- id: a", "Indent with spaces; YAML does not allow tabs there."),
    ("name: x\nversion: 1.10\nsteps: [{id: a}]", "Quote it."),
    (
        one("branch: [{condition: {var: state}, action: complete}]")
        + "outputs: {v: {var: steps.a.output.state}}",
        "To read the output's key, write output.state.",
    ),
]


@pytest.mark.parametrize(("text", "hint"), HINTS)
def test_a_problem_names_the_way_out(text: str, hint: str | None) -> None:
    problem = only(text)
    assert problem.hint == hint or (problem.hint or "").endswith(hint or "?")


def test_clashes_name_the_first_place() -> None:
    assert (
        only("name: x\nname: y\nsteps: [{id: a}]").message
        == "duplicate key 'name', first at line 1"
    )
    assert (
        only(steps("  - id: a\n  - id: a")).message
        == "two steps are called 'a', the first at line 3"
    )


def test_a_cycle_is_named_in_order() -> None:
    text = steps(
        "  - {id: a, depends_on: c}\n  - {id: b, depends_on: a}\n  - {id: c, depends_on: b}"
    )
    assert only(text).message == "these steps wait for each other: a -> c -> b -> a"


def test_of_a_very_long_line_the_part_around_the_place_is_shown() -> None:
    problem = only("name: x\nsteps: [" + "{id: a}, " * 1 + " " * 5000 + "{id: b, depends_on: [c]}]")
    shown, caret = (problem.excerpt or "").split("\n")
    assert len(shown) < 130
    assert shown[caret.index("^")] == "c"


def test_an_unknown_step_among_ten_thousand_gets_the_near_one() -> None:
    many = [{"id": f"step_{i}"} for i in range(10_000)]
    data = {
        "name": "x",
        "steps": [*many, {"id": "z", "depends_on": ["stpe_777", "step-778", "nothing"]}],
    }
    with pytest.raises(SpecError) as caught:
        from_data(data)
    hints = [problem.hint for problem in caught.value.problems]
    assert hints[1] == "Did you mean 'step_778'?"
    assert "step_777" in hints[0]
    assert hints[2].startswith("Steps: step_0, step_1")


def test_a_file_of_nothing_but_mistakes_is_answered_with_the_first_thousand() -> None:
    text = "name: x\nsteps:\n" + "  - {idd: a}\n" * 5_000
    problems = check_text(text)
    assert len(problems) == 1_000
    assert problems[0].line == 3


def test_no_number_of_warnings_hides_an_error() -> None:
    races = "".join(
        f"  - {{id: r{i}, input: {{v: {{var: steps.a.output}}}}}}\n" for i in range(2_000)
    )
    text = steps(races + "  - {id: a, input: {v: {var: steps.a.output}}}\n")
    problems = check_text(text)
    assert [p.code for p in problems if p.severity == "error"] == ["read-too-early"]
    with pytest.raises(SpecError, match="read-too-early"):
        load(text)


def test_what_the_reader_refused_is_not_refused_again_for_its_consequences() -> None:
    assert only(one("max_attempts: .inf")).code == "bad-number"
