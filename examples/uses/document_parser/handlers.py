"""What the steps of the document_parser example do: a parser per kind, then the reading.

A parsed document is ``{"file", "title", "text", "facts"}``: its plain text, and what only its kind
can say.
"""

import csv
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parent / "documents"
DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
LINK = re.compile(r"\[([^\]]+)\]\([^)]+\)")
UNSEEN = frozenset({"style", "script"})


def parse_letter(*, file: str) -> dict[str, Any]:
    head, _, body = _read(file).partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    text = f"{fields['Date']} {fields['From']} {body}"
    return _document(file, fields["Subject"], text, writer=fields["From"])


def parse_markdown(*, file: str) -> dict[str, Any]:
    source = _read(file)
    headings = re.findall(r"^#+ (.+)$", source, re.MULTILINE)
    text = LINK.sub(r"\1", source).replace("*", "")
    budget = re.search(r"^Budget: (\d+)$", source, re.MULTILINE)
    return _document(
        file,
        headings[0],
        text,
        budget=int(budget[1]) if budget else None,
        open_tasks=re.findall(r"^- \[ \] (.+)$", source, re.MULTILINE),
    )


def parse_csv(*, file: str) -> dict[str, Any]:
    rows = list(csv.DictReader(_read(file).splitlines()))
    text = "\n".join(" ".join(row.values()) for row in rows)
    payments = [{"payee": row["payee"], "amount": int(row["amount"])} for row in rows]
    return _document(file, f"{len(rows)} payments", text, payments=payments)


def parse_html(*, file: str) -> dict[str, Any]:
    reader = _TextReader()
    reader.feed(_read(file))
    reader.close()
    return _document(file, reader.title, " ".join(reader.words), links=reader.links)


def merge(*, documents: list[dict[str, Any]]) -> dict[str, Any]:
    texts = {document["file"]: document["text"] for document in documents}
    return {
        "titles": {document["file"]: document["title"] for document in documents},
        "texts": texts,
        "days": sorted({day for text in texts.values() for day in DAY.findall(text)}),
        "facts": {name: fact for document in documents for name, fact in document["facts"].items()},
    }


def find_people(*, texts: dict[str, str], names: list[str]) -> dict[str, Any]:
    return {
        "people": {
            name: [file for file, text in texts.items() if name in " ".join(text.split())]
            for name in names
        }
    }


def check_budget(*, budget: int, payments: list[dict[str, Any]]) -> dict[str, Any]:
    paid: dict[str, int] = {}
    for payment in payments:
        paid[payment["payee"]] = paid.get(payment["payee"], 0) + payment["amount"]
    return {"paid": paid, "left": budget - sum(paid.values())}


def summarise(
    *,
    titles: dict[str, str],
    days: list[str],
    open_tasks: list[str],
    people: dict[str, list[str]],
    left: int,
) -> dict[str, list[str]]:
    busiest = max(people, key=lambda name: len(people[name]))
    budget = f"{left} of the budget are left" if left >= 0 else f"{-left} over the budget"
    return {
        "summary": [
            f"{len(titles)} documents, from {days[0]} to {days[-1]}",
            f"{busiest} is named in {len(people[busiest])} of them",
            budget,
            *(f"still to do: {task}" for task in open_tasks),
        ]
    }


def _read(file: str) -> str:
    return (DOCUMENTS / file).read_text(encoding="utf-8")


def _document(file: str, title: str, text: str, **facts: Any) -> dict[str, Any]:
    return {"document": {"file": file, "title": title, "text": text, "facts": facts}}


class _TextReader(HTMLParser):
    """Collects the visible words, the title, the links, and the days of `time` elements."""

    def __init__(self) -> None:
        super().__init__()
        self.title = ""
        self.words: list[str] = []
        self.links: list[str] = []
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._inside.append(tag)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "time":
            self.words.append(given.get("datetime") or "")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass  # an element without an end tag closes with the one around it

    def handle_data(self, data: str) -> None:
        if self._inside[-1:] == ["title"]:
            self.title = data
        elif not UNSEEN.intersection(self._inside):
            self.words.extend(data.split())
