"""What the steps of the mosaic do. All arithmetic is in whole numbers, so the outcome is exact.

An image is ``{"row", "column", "pixels"}``: its place in the grid and a square of SIDE by SIDE
numbers. Neighbours share OVERLAP rows or columns of sky, and each image was taken under a glow of
its own. The glow shows only in the overlaps: there two images differ by the difference of their
glows. The model finds all of them at once, with the image at 0, 0 as the reference.
"""

from collections import deque
from math import cos, exp, isqrt, sin
from typing import Any

Pixels = list[list[int]]
Image = dict[str, Any]
Fit = dict[str, Any]

SIDE = 8
OVERLAP = 2
STRIDE = SIDE - OVERLAP
SHADES = " .:-=+*#%@"


def _spiral(arm: float) -> list[tuple[int, int, int]]:
    """One arm of a galaxy: a chain of lights, each (peak, row, column)."""
    turns = [step / 10 for step in range(4, 46)]
    return [
        (
            round(90 - 14 * turn),
            round(43 + 4.5 * exp(turn / 2.4) * sin(turn + arm)),
            round(43 + 5.5 * exp(turn / 2.4) * cos(turn + arm)),
        )
        for turn in turns
    ]


LIGHTS = [(700, 43, 43), (300, 12, 70), (200, 72, 15), *_spiral(0.0), *_spiral(3.14)]


def sky(y: int, x: int) -> int:
    """The true sky, which is only ever seen through a glow."""
    return sum(peak * 40 // (40 + ((y - v) ** 2 + (x - u) ** 2) ** 2) for peak, v, u in LIGHTS)


def glow(row: int, column: int) -> int:
    """The background under which an image was taken; 0 at the reference."""
    return (row * 37 + column * 61 + row * column * 13) % 101


def project(*, row: int, column: int) -> dict[str, Image]:
    """Take the image of one field, on the grid of the mosaic."""
    ys = range(row * STRIDE, row * STRIDE + SIDE)
    xs = range(column * STRIDE, column * STRIDE + SIDE)
    background = glow(row, column)
    pixels = [[sky(y, x) + background for x in xs] for y in ys]
    return {"image": {"row": row, "column": column, "pixels": pixels}}


def difference(*, first: Image, second: Image) -> dict[str, Any]:
    """Subtract two neighbours where they overlap; the second is on the right, or below."""
    if first["row"] == second["row"]:
        ours = [row[STRIDE:] for row in first["pixels"]]
        theirs = [row[:OVERLAP] for row in second["pixels"]]
    else:
        ours, theirs = first["pixels"][STRIDE:], second["pixels"][:OVERLAP]
    pixels = [
        b - a
        for our_row, their_row in zip(ours, theirs, strict=True)
        for a, b in zip(our_row, their_row, strict=True)
    ]
    return {"difference": {"first": _name(first), "second": _name(second), "pixels": pixels}}


def fit(*, difference: dict[str, Any]) -> dict[str, Fit]:
    """Say by how much the second image is brighter than the first."""
    first, second, pixels = difference["first"], difference["second"], difference["pixels"]
    return {"fit": {"first": first, "second": second, "brighter": sum(pixels) // len(pixels)}}


def concat(*, fits: list[Fit]) -> dict[str, list[Fit]]:
    return {"fits": sorted(fits, key=lambda fit: (fit["first"], fit["second"]))}


def model(*, fits: list[Fit], reference: str) -> dict[str, dict[str, int]]:
    """Give every image the glow to take away, walking from the reference over the overlaps."""
    neighbours: dict[str, list[tuple[str, int]]] = {}
    for fit in fits:
        neighbours.setdefault(fit["first"], []).append((fit["second"], fit["brighter"]))
        neighbours.setdefault(fit["second"], []).append((fit["first"], -fit["brighter"]))
    corrections = {reference: 0}
    found = deque([reference])
    while found:
        name = found.popleft()
        for neighbour, brighter in neighbours[name]:
            if neighbour not in corrections:
                corrections[neighbour] = corrections[name] + brighter
                found.append(neighbour)
    return {"corrections": corrections}


def background(*, image: Image, correction: int) -> dict[str, Image]:
    pixels = [[value - correction for value in row] for row in image["pixels"]]
    return {"tile": {**image, "pixels": pixels}}


def image_table(*, tiles: list[Image]) -> dict[str, Any]:
    return {
        "images": len(tiles),
        "height": max(tile["row"] for tile in tiles) * STRIDE + SIDE,
        "width": max(tile["column"] for tile in tiles) * STRIDE + SIDE,
    }


def add(*, tiles: list[Image], height: int, width: int) -> dict[str, Any]:
    """Lay the tiles side by side; a pixel is the mean of all tiles that have it."""
    sums = [[0] * width for _ in range(height)]
    counts = [[0] * width for _ in range(height)]
    for tile in tiles:
        for y, row in enumerate(tile["pixels"], tile["row"] * STRIDE):
            for x, value in enumerate(row, tile["column"] * STRIDE):
                sums[y][x] += value
                counts[y][x] += 1
    mosaic = [
        [total // count for total, count in zip(*rows, strict=True)]
        for rows in zip(sums, counts, strict=True)
    ]
    return {"mosaic": mosaic, "brightness": sum(map(sum, mosaic))}


def shrink(*, mosaic: Pixels, factor: int) -> dict[str, Pixels]:
    """Replace each square of ``factor`` by ``factor`` pixels with its mean."""
    steps = range(factor)
    return {
        "small": [
            [
                sum(mosaic[y + dy][x + dx] for dy in steps for dx in steps) // factor**2
                for x in range(0, len(mosaic[0]), factor)
            ]
            for y in range(0, len(mosaic), factor)
        ]
    }


def jpeg(*, small: Pixels) -> dict[str, list[str]]:
    """Draw the image in text, every second row, because a letter is twice as high as wide."""
    brightest = isqrt(max(map(max, small))) + 1
    return {
        "picture": [
            "".join(SHADES[isqrt(value) * len(SHADES) // brightest] for value in row).rstrip()
            for row in small[::2]
        ]
    }


def _name(image: Image) -> str:
    return f"{image['row']:02}_{image['column']:02}"
