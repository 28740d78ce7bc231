"""Suggestions for unknown words, at a bounded cost: comparing every unknown id with 10,000 others is not."""

from collections.abc import Collection

from runfox.errors import did_you_mean
from runfox.spec.checks.outline import BlockOutline

FEW = 200
MAX_COMPARED = 100
MAX_SUGGESTIONS = 50


class Words:
    """The known words of one kind. Many of them are indexed, on the first question, so that few are compared."""

    def __init__(self, known: Collection[str], label: str) -> None:
        self._known = known
        self._label = label
        self._plain: dict[str, str] = {}
        self._alike: dict[str, list[str]] = {}

    def nearest(self, word: str) -> str:
        """Return the hint for an unknown word: the nearest of the known ones, or what there is."""
        word = word[:80]
        known: Collection[str] = self._known
        if len(known) > FEW:
            known = self._candidates(word) or list(known)[:20]
        return did_you_mean(word, known, label=self._label)

    def _candidates(self, word: str) -> list[str]:
        if not self._plain:
            self._index()
        same = self._plain.get(_without_marks(word))
        if same is not None:
            return [same]
        found = [*self._alike.get(f"{word[:3]}*", ()), *self._alike.get(f"*{word[-3:]}", ())]
        return [other for other in found if abs(len(word) - len(other)) <= 2][:MAX_COMPARED]

    def _index(self) -> None:
        for word in self._known:
            self._plain.setdefault(_without_marks(word), word)
            self._alike.setdefault(f"{word[:3]}*", []).append(word)
            self._alike.setdefault(f"*{word[-3:]}", []).append(word)


class Hints:
    """Hints for steps that do not exist. A file full of those gets hints for the first of them only."""

    def __init__(self) -> None:
        self._left = MAX_SUGGESTIONS
        self._words: dict[BlockOutline, Words] = {}

    def nearest(self, step_id: str, block: BlockOutline) -> str | None:
        """Return the hint for a step that a list of steps does not have."""
        self._left -= 1
        if self._left < 0:
            return None
        words = self._words.get(block)
        if words is None:
            words = self._words[block] = Words(block.positions, "Steps")
        return words.nearest(step_id)

    def nearest_seen(self, step_id: str, block: BlockOutline) -> str | None:
        """Return the hint for a step that is not there, in a list of steps or further out."""
        hint = self.nearest(step_id, block)
        outer = block.outer
        while hint is not None and outer is not None and not hint.startswith("Did"):
            further = self.nearest(step_id, outer)
            hint = further if further is not None and further.startswith("Did") else hint
            outer = outer.outer
        return hint


def _without_marks(word: str) -> str:
    return word.replace("_", "").replace("-", "").casefold()
