"""What holds for all expressions and all data."""

import copy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runfox import expressions
from runfox.errors import ExpressionError
from runfox.values import MAX_INTEGER

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.integers(-MAX_INTEGER, MAX_INTEGER - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "0", "1", "1.5", "a", "a.b", "[*]", "l[*].x", "%d", "true", " ", "1e999"]),
    st.text(max_size=5),
)
keys = st.sampled_from(["a", "b", "l", "x"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)
data = st.fixed_dictionaries({}, optional={"a": values, "b": values, "l": st.lists(values)})
paths = st.sampled_from(
    ["", "a", "b", "a.b", "a.x", "l", "l.0", "l.0.x", "x", "current", "accumulator", "gone.a"]
)
queries = st.sampled_from(["a", "l[*]", "l[*].x", "*", "a.*.b", "$", "l[0]", "a['x'][*]"])
NAMES = sorted(set(expressions.OPERATORS) - {"var", "vars", "literal"})


def calls(inner):
    """Mostly with as many arguments as the operator takes, sometimes with any number or a bare one."""

    def arguments(name):
        operator = expressions.OPERATORS[name]
        most = 4 if operator.most is None else operator.most
        fitting = st.lists(inner, min_size=operator.least, max_size=most)
        return st.one_of(fitting, fitting, fitting, st.lists(inner, max_size=4), inner)

    return st.sampled_from(NAMES).flatmap(
        lambda name: arguments(name).map(lambda args: {name: args})
    )


logic = st.recursive(
    st.one_of(
        scalars,
        paths.map(lambda path: {"var": path}),
        st.tuples(paths, scalars).map(lambda args: {"var": list(args)}),
        queries.map(lambda path: {"vars": path}),
        values.map(lambda value: {"literal": value}),
    ),
    lambda inner: calls(inner) | st.lists(inner, max_size=3),
    max_leaves=15,
)


def outcome(expr, data):
    try:
        return "value", expressions.evaluate(expr, data)
    except ExpressionError as error:
        return "error", str(error)


@settings(max_examples=400)
@given(logic, data)
def test_an_evaluation_gives_a_value_or_an_expression_error(expr, data):
    outcome(expr, data)


@given(values, values)
def test_any_json_at_all_gives_a_value_or_an_expression_error(expr, data):
    outcome(expr, data)


@given(logic, data)
def test_data_and_source_stay_as_they_were(expr, data):
    before = copy.deepcopy((expr, data))
    outcome(expr, data)
    assert (expr, data) == before


@given(logic, data)
def test_the_same_expression_gives_the_same_again(expr, data):
    assert repr(outcome(expr, data)) == repr(outcome(copy.deepcopy(expr), copy.deepcopy(data)))
    assert expressions.problems(expr) == expressions.problems(copy.deepcopy(expr))


@given(logic, data)
def test_watching_an_evaluation_does_not_change_it(expr, data):
    if expressions.problems(expr) or not expressions.is_logic(expr) or "literal" in expr:
        return
    kind, value = outcome(expr, data)
    root = next(visit for visit in expressions.trace(expr, data) if visit.path == ())
    assert (root.error is None) is (kind == "value")
    if kind == "value":
        assert repr(root.value) == repr(value)


@given(logic, data)
def test_a_template_gives_what_its_expression_gives(expr, data):
    if expressions.problems(expr):
        return
    kind, value = outcome(expr, data)
    try:
        made = expressions.template({"deep": [expr]})(data)
    except ExpressionError:
        assert kind == "error" or not expressions.is_logic(expr)
    else:
        assert not expressions.is_logic(expr) or repr(made) == repr({"deep": [value]})


def pruned(value, paths):
    """Only what the paths lead to. Positions of lists stay, with null where nothing is read."""
    if () in paths:
        return value
    steps = {path[0] for path in paths}
    rest = {step: {path[1:] for path in paths if path[0] == step} for step in steps}
    everywhere = rest.get("*", set())
    if isinstance(value, dict):
        wanted = {key: rest.get(key, set()) | everywhere for key in value}
        return {key: pruned(value[key], inner) for key, inner in wanted.items() if inner}
    if isinstance(value, list):
        return [
            pruned(item, rest.get(i, set()) | rest.get(str(i), set()) | everywhere)
            for i, item in enumerate(value)
        ]
    return value if paths else None


@settings(suppress_health_check=[HealthCheck.filter_too_much], max_examples=400)
@given(logic, data)
def test_what_is_not_among_the_reads_makes_no_difference(expr, data):
    if expressions.problems(expr):
        return
    compiled = expressions.compile(expr)
    if compiled.dynamic:
        return
    kind, value = outcome(expr, data)
    kind_of_less, value_of_less = outcome(expr, pruned(data, compiled.reads))
    assert kind_of_less == kind
    if kind == "value":
        assert repr(value_of_less) == repr(value)


@given(logic, data, data)
def test_a_constant_expression_is_the_same_for_all_data(expr, one, other):
    if not expressions.problems(expr) and expressions.compile(expr).constant:
        assert repr(outcome(expr, one)[0]) == repr(outcome(expr, other)[0])
        assert repr(outcome(expr, one)) == repr(outcome(expr, other))
