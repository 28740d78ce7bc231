"""What the steps of the fan_out example do."""


def read(*, line: str) -> dict[str, list[str]]:
    return {"words": line.split()}


def count(*, words: list[str]) -> dict[str, int]:
    return {"count": len(words)}


def longest(*, words: list[str]) -> dict[str, str]:
    return {"longest": max(words, key=len)}


def initials(*, words: list[str]) -> dict[str, str]:
    return {"initials": "".join(word[0] for word in words)}
