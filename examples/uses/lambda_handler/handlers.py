"""What the functions behind the queue do."""


def inspect(*, picture):
    return {"ratio": 1.5}


def resize(*, picture, ratio, width):
    return {"file": f"{picture}-{width}x{round(width / ratio)}"}


def album(*, files):
    return {"page": " ".join(files)}
