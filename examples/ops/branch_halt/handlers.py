"""What the steps of the branch_halt example do."""


def review(*, text: str) -> dict[str, str | float]:
    words = text.split()
    loud = sum(word.isupper() for word in words)
    return {"text": text, "shouting": round(loud / len(words), 2)}


def publish(*, text: str) -> dict[str, str]:
    return {"text": text}
