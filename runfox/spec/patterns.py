"""Patterns of JSON Schemas, matched in time that grows with the text alone.

``re`` tries one way after the other, which a pattern such as ``(a+)+$`` makes last for years. Here all ways are
followed at once: a set of places in the pattern moves along the text, and sets that were met are remembered.
So there is nothing that looks ahead, or back at what a group matched.

``\\d`` and ``\\w`` are ASCII, and ``$`` is the very end, as other readers of JSON Schema have it.
"""

import re
import warnings
from collections.abc import Callable, Iterable
from functools import lru_cache
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final, NamedTuple, TypeAlias

MAX_PLACES: Final = 5_000
"""How many places a pattern has at most, with its repeats written out."""
MAX_KNOWN: Final = 20_000
"""How many moves are remembered of one pattern."""

Accepts: TypeAlias = Callable[[str], bool]
Tree: TypeAlias = Any


class PatternInvalid(ValueError):
    """A pattern cannot be used. The message says why, and what to write."""


class _Read(NamedTuple):
    """A place that one character leads on from."""

    accepts: Accepts
    after: int


class _Look(NamedTuple):
    """A place that is passed where the characters before and after it (None: an end) are right."""

    holds: Callable[[str | None, str | None], bool]
    after: int


class _Fork(NamedTuple):
    """A place from which several ways lead on."""

    ways: list[int]


_FOUND: Final = 0
"""The place at which a pattern has matched."""


class _Met:
    """A set of places between two characters, and the sets that characters were seen to lead to."""

    __slots__ = ("after", "before", "places")

    def __init__(self, places: frozenset[int], before: str | None) -> None:
        self.places = places
        self.before = before
        self.after: dict[str, _Met | None] = {}


class Pattern:
    """A compiled pattern. Safe for use from many threads."""

    def __init__(self, text: str) -> None:
        places = _Places()
        self._start = places.of(_parsed(text), _FOUND)
        self._places = places.all
        self._known: dict[tuple[frozenset[int], str | None], _Met] = {}
        self._moves = 0

    def search(self, text: str) -> tuple[bool, int]:
        """Return whether the pattern matches somewhere in a text, and what it cost to tell.

        One unit of cost is about a microsecond.
        """
        met = self._meet(frozenset((self._start,)), None)
        cost = len(text) // 10
        for character in text:
            try:
                after = met.after[character]
            except KeyError:
                cost += 1 + len(met.places)
                after = self._move(met, character)
            if after is None:
                return True, cost
            met = after
        return _FOUND in self._reached(met, None), cost + len(met.places)

    def _move(self, met: _Met, character: str) -> _Met | None:
        """Return what a character leads to; None if the pattern has matched before it."""
        reached = self._reached(met, character)
        after: _Met | None = None
        if _FOUND not in reached:
            led = {self._start}
            for place in reached:
                at = self._places[place]
                if type(at) is _Read and at.accepts(character):
                    led.add(at.after)
            # What looks back asks for no more than whether this was part of a word.
            after = self._meet(frozenset(led), "a" if _is_word(character) else " ")
        self._moves += 1
        if self._moves > MAX_KNOWN:
            self._moves = 0
            self._known = {}
        met.after[character] = after
        return after

    def _meet(self, places: frozenset[int], before: str | None) -> _Met:
        key = (places, before)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Met(places, before)
        return known

    def _reached(self, met: _Met, following: str | None) -> set[int]:
        """Return the places that can be reached before the next character."""
        reached: set[int] = set()
        waiting = list(met.places)
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            reached.add(place)
            at = self._places[place]
            if type(at) is _Fork:
                waiting += at.ways
            elif type(at) is _Look and at.holds(met.before, following):
                waiting.append(at.after)
        return reached


@lru_cache(maxsize=256)
def compiled(text: str) -> Pattern:
    """Return a pattern, compiled once. Raises ``PatternInvalid``."""
    return Pattern(text)


def _parsed(text: str) -> Tree:
    try:
        with warnings.catch_warnings():
            # What Python may read otherwise one day is not what is asked here.
            warnings.simplefilter("ignore")
            tree = parser.parse(text)
    except (re.error, OverflowError) as error:
        raise PatternInvalid(f"the pattern cannot be read: {error}") from None
    except RecursionError:
        raise PatternInvalid("the pattern is nested too deeply") from None
    if tree.state.flags & ~re.UNICODE:
        raise PatternInvalid(
            "a pattern has no flags such as (?i); write [Aa] for a letter of any case"
        )
    return tree


class _Places:
    """The places of a pattern while it is compiled, from its end to its beginning."""

    def __init__(self) -> None:
        self.all: list[_Read | _Look | _Fork | None] = [None]

    def add(self, place: _Read | _Look | _Fork) -> int:
        if len(self.all) >= MAX_PLACES:
            raise PatternInvalid(
                "the pattern is too large with its repeats written out; bound lengths with maxLength"
            )
        self.all.append(place)
        return len(self.all) - 1

    def of(self, tree: Tree, after: int) -> int:
        """Add the places of a sequence that leads on to ``after``; return where it begins."""
        for kind, value in reversed(list(tree)):
            after = self._item(kind, value, after)
        return after

    def _item(self, kind: Any, value: Any, after: int) -> int:
        if kind is sre.AT:
            return self.add(_Look(_LOOKS[value], after))
        if kind is sre.BRANCH:
            return self.add(_Fork([self.of(way, after) for way in value[1]]))
        if kind is sre.SUBPATTERN:
            _group, added, removed, tree = value
            if added or removed:
                raise PatternInvalid("a part of a pattern has no flags such as (?i:...)")
            return self.of(tree, after)
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            least, most, repeated = value
            return self._repeat(least, most, repeated, after)
        if kind in _REFUSED:
            raise PatternInvalid(_REFUSED[kind])
        return self.add(_Read(_accepts(kind, value), after))

    def _repeat(self, least: int, most: int, tree: Tree, after: int) -> int:
        if not list(tree):
            return after
        if most == sre.MAXREPEAT:
            again = self.add(_Fork([after]))
            fork = self.all[again]
            assert type(fork) is _Fork
            fork.ways.append(self.of(tree, again))
            begin = again
        else:
            begin = after
            for _ in range(most - least):
                begin = self.add(_Fork([after, self.of(tree, begin)]))
        for _ in range(least):
            begin = self.of(tree, begin)
        return begin


def _accepts(kind: Any, value: Any) -> Accepts:
    if kind is sre.LITERAL:
        return chr(value).__eq__
    if kind is sre.NOT_LITERAL:
        return chr(value).__ne__
    if kind is sre.ANY:
        return lambda character: character not in "\n\r\u2028\u2029"
    if kind is sre.IN:
        return _one_of(value)
    raise PatternInvalid("the pattern uses something that is not supported here")


def _one_of(parts: Iterable[tuple[Any, Any]]) -> Accepts:
    wanted = True
    accepting: list[Accepts] = []
    for kind, value in parts:
        if kind is sre.NEGATE:
            wanted = False
        elif kind is sre.RANGE:
            accepting.append(_between(*value))
        elif kind is sre.CATEGORY:
            accepting.append(_CATEGORIES[value])
        else:
            accepting.append(_accepts(kind, value))
    return lambda character: any(accepts(character) for accepts in accepting) is wanted


def _between(first: int, last: int) -> Accepts:
    return lambda character: first <= ord(character) <= last


def _is_digit(character: str) -> bool:
    return character in "0123456789"


def _is_word(character: str | None) -> bool:
    return (
        character is not None and character.isascii() and (character.isalnum() or character == "_")
    )


_CATEGORIES: Final[dict[Any, Accepts]] = {
    sre.CATEGORY_DIGIT: _is_digit,
    sre.CATEGORY_NOT_DIGIT: lambda character: not _is_digit(character),
    sre.CATEGORY_WORD: _is_word,
    sre.CATEGORY_NOT_WORD: lambda character: not _is_word(character),
    sre.CATEGORY_SPACE: str.isspace,
    sre.CATEGORY_NOT_SPACE: lambda character: not character.isspace(),
}

_LOOKS: Final[dict[Any, Callable[[str | None, str | None], bool]]] = {
    sre.AT_BEGINNING: lambda before, _: before is None,
    sre.AT_BEGINNING_STRING: lambda before, _: before is None,
    sre.AT_END: lambda _, following: following is None,
    sre.AT_END_STRING: lambda _, following: following is None,
    sre.AT_BOUNDARY: lambda before, following: _is_word(before) is not _is_word(following),
    sre.AT_NON_BOUNDARY: lambda before, following: _is_word(before) is _is_word(following),
}

_LOOKING: Final = "a pattern cannot look ahead or behind; use several patterns in allOf, or not"
_BACK: Final = "a pattern cannot refer back to a group"
_ATOMIC: Final = "a pattern has no atomic groups and possessive repeats; it needs none to be fast"
_REFUSED: Final[dict[Any, str]] = {
    sre.ASSERT: _LOOKING,
    sre.ASSERT_NOT: _LOOKING,
    sre.GROUPREF: _BACK,
    sre.GROUPREF_EXISTS: _BACK,
    sre.ATOMIC_GROUP: _ATOMIC,
    sre.POSSESSIVE_REPEAT: _ATOMIC,
}
