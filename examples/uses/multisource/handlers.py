"""What the steps of the multisource example do: one reader per kind of file, then the comparison.

A listing is ``{"source": name, "quantities": {article: pieces}}``.
"""

import csv
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "sources"
NOTE = re.compile(r"(?P<article>[a-z ]+?) \.+ (?P<quantity>\d+)")


def fetch_csv(*, source: str, file: str) -> dict[str, Any]:
    with (SOURCES / file).open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines)
        return _listing(source, {row["article"]: int(row["quantity"]) for row in rows})


def fetch_json(*, source: str, file: str) -> dict[str, Any]:
    return _listing(source, json.loads((SOURCES / file).read_text(encoding="utf-8"))["stock"])


def fetch_notes(*, source: str, file: str) -> dict[str, Any]:
    text = (SOURCES / file).read_text(encoding="utf-8")
    return _listing(source, {m["article"]: int(m["quantity"]) for m in NOTE.finditer(text)})


def reconcile(*, listings: list[dict[str, Any]]) -> dict[str, Any]:
    """Take what most sources say; null where no two agree."""
    articles = sorted({article for listing in listings for article in listing["quantities"]})
    stock, conflicts = {}, []
    for article in articles:
        says = {listing["source"]: listing["quantities"].get(article) for listing in listings}
        stock[article] = _majority(list(says.values()))
        if len(set(says.values())) > 1:
            conflicts.append({"article": article, "says": says, "taken": stock[article]})
    return {"stock": stock, "conflicts": conflicts}


def report(*, conflicts: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {"report": [_sentence(**conflict) for conflict in conflicts]}


def _listing(source: str, quantities: dict[str, int]) -> dict[str, Any]:
    return {"listing": {"source": source, "quantities": quantities}}


def _majority(quantities: list[int | None]) -> int | None:
    [(quantity, votes)] = Counter(quantities).most_common(1)
    return quantity if votes > 1 else None


def _sentence(*, article: str, says: dict[str, int | None], taken: int | None) -> str:
    voices = ", ".join(
        f"{source} {'nothing' if number is None else number}" for source, number in says.items()
    )
    verdict = "nobody agrees, count again" if taken is None else f"{taken} it is"
    return f"{article}: {voices}; {verdict}"
