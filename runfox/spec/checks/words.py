"""Suggestions for unknown words, at a bounded cost: comparing every unknown id with 10,000 others is not."""

from collections.abc import Collection

from runfox.errors import did_you_mean

FEW = 200
MAX_COMPARED = 100
MAX_SUGGESTIONS = 50


class Words:
    """The known words of one kind. Many of them are indexed, on the first question, so that few are compared."""

    def __init__(self, known: Collection[str], label: str) -> None:
        self._known = known
        self._label = label
        self._left = MAX_SUGGESTIONS
        self._plain: dict[str, str] = {}
        self._alike: dict[str, list[str]] = {}

    def nearest(self, word: str) -> str | None:
        """Return the hint for an unknown word: the nearest of the known ones, or what there is.

        A file full of unknown words gets hints for the first of them only.
        """
        self._left -= 1
        if self._left < 0:
            return None
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


def _without_marks(word: str) -> str:
    return word.replace("_", "").replace("-", "").casefold()
