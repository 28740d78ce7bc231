"""Collections with versions: each is what a plain one would be, and none changes another."""

from hypothesis import given
from hypothesis import strategies as st

from runfox.graph.persistent import Editor, Layers, Timer, flat, meld, vector


def timer_at(due: int) -> Timer:
    return Timer(due, (0,), 0, "retry")


keys = st.text("abcdefgh", max_size=2)
items = st.dictionaries(keys, st.integers(), max_size=5)


@given(st.dictionaries(keys, st.integers()), st.lists(items, max_size=40))
def test_layers_are_what_a_dict_would_be_and_keep_its_order(base, updates):
    layers, plain = Layers(dict(base)), dict(base)
    versions = []
    for update in updates:
        versions.append((layers, dict(plain)))
        layers, plain = layers.with_items(update), plain | update
    for version, then in [*versions, (layers, plain)]:
        assert list(version.items()) == list(then.items())
        assert len(version) == len(then)
        assert all(key in version for key in then) and "none" not in version


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 299), st.integers()), max_size=30))
def test_an_editor_is_what_a_list_would_be_and_leaves_the_one_before_alone(size, writes):
    before = vector(list(range(size)))
    editor, plain = Editor(before), list(range(size))
    for position, value in writes:
        if position < size:
            editor[position] = plain[position] = value
            assert editor[position] == value
    assert list(flat(editor.chunks)) == plain
    assert list(flat(before)) == list(range(size))


def test_an_editor_that_was_not_written_to_gives_back_the_very_same_vector():
    before = vector([1, 2, 3])
    assert Editor(before).chunks is before


places = st.lists(st.integers(0, 9), max_size=2).map(tuple)
kinds = st.sampled_from(["retry", "wait", "total"])


@given(st.lists(st.tuples(st.integers(0, 20), places, st.integers(0, 3), kinds)))
def test_a_heap_of_timers_gives_them_in_order(timers):
    heap = None
    for timer in timers:
        heap = meld(heap, Timer(*timer))
    out = []
    while heap is not None:
        out.append(heap[:4])
        heap = meld(heap.left, heap.right)
    assert out == sorted(timers)


@given(st.permutations(range(200)))
def test_a_heap_of_timers_is_shallow_on_its_right(order):
    heap = None
    for due in order:
        heap = meld(heap, timer_at(due))
    depth = 0
    while heap is not None:
        heap, depth = heap.right, depth + 1
    assert depth <= 8


def test_melding_changes_neither_heap():
    a, b = timer_at(1), timer_at(2)
    meld(a, b)
    assert a == timer_at(1) and b == timer_at(2)
