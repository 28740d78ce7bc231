"""Read-only views of a record serve as data as well as dicts and lists do."""

from collections.abc import Mapping, Sequence

import pytest

from runfox import expressions


class MappingView(Mapping):
    """Counts what is asked of it, so that a copy would show."""

    def __init__(self, content):
        self.content = content
        self.asked = []

    def __getitem__(self, key):
        self.asked.append(key)
        return self.content[key]

    def __iter__(self):
        self.asked.append("iter")
        return iter(self.content)

    def __len__(self):
        return len(self.content)


class ListView(Sequence):
    def __init__(self, items):
        self.items = items

    def __getitem__(self, position):
        return self.items[position]

    def __len__(self):
        return len(self.items)


class PluckingView(MappingView):
    def pluck(self, name):
        return [child[name] for child in self.content.values() if name in child]


def view(value, mapping=MappingView):
    match value:
        case dict():
            return mapping({key: view(inner, mapping) for key, inner in value.items()})
        case list():
            return ListView([view(inner, mapping) for inner in value])
    return value


DATA = {
    "a": {"b": {"c": 1}},
    "l": [1, 2, 3],
    "steps": {"x": {"output": {"score": 1}}, "y": {"output": {}}, "z": {"status": "ready"}},
    "empty": {},
    "nothing": [],
}


@pytest.mark.parametrize("mapping", [MappingView, PluckingView])
@pytest.mark.parametrize(
    "expr",
    [
        {"var": "a.b.c"},
        {"var": ["a.b.x", 5]},
        {"var": "l.1"},
        {"vars": "steps[*].output.score"},
        {"vars": "steps.*.status"},
        {"vars": "l[*]"},
        {"count": {"var": "steps"}},
        {"count": {"var": "l"}},
        {"map": [{"var": "l"}, {"+": [{"var": ""}, 1]}]},
        {"in": [2, {"var": "l"}]},
        {"in": ["x", {"var": "steps"}]},
        {"merge": [{"var": "l"}, 4]},
        {"!": [{"var": "empty"}]},
        {"!": [{"var": "nothing"}]},
        {"if": [{"var": "steps.x.output"}, 1, 2]},
        {"==": [{"var": "l"}, [1, 2, 3]]},
        {"==": [{"var": "a"}, {"literal": {"b": {"c": 1}}}]},
        {"cat": [{"var": "l"}]},
        {"missing": ["a.b.c", "a.b.d"]},
        {"max": {"var": "l"}},
    ],
)
def test_views_give_what_plain_data_gives(expr, mapping):
    assert expressions.evaluate(expr, view(DATA, mapping)) == expressions.evaluate(expr, DATA)


def test_a_template_copies_views_out_to_plain_data():
    made = expressions.template({"steps": {"var": "steps"}, "l": {"var": "l"}})(view(DATA))
    assert made == {"steps": DATA["steps"], "l": DATA["l"]}
    assert type(made["steps"]) is type(made["steps"]["x"]) is dict
    assert type(made["l"]) is list


def test_only_what_the_path_names_is_asked_for():
    data = view(DATA)
    expressions.evaluate({"var": "a.b.c"}, data)
    assert data.asked == ["a"]


def test_a_view_that_can_pluck_is_not_walked():
    data = view(DATA, PluckingView)
    assert expressions.evaluate({"vars": "steps[*].output.score"}, data) == [1]
    assert data.content["steps"].asked == []
