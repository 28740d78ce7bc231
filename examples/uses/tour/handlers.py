"""What the steps of the night watch do, in arithmetic small enough to read.

A frame is known by what it was taken with: ``{"target", "mirror_cm", "seed"}``. Its pixels follow
from that, as if they were read from the camera's disk, so the workflow hands on references and not
images. An image is a list of rows of brightness. The same night gives the same picture on every
machine, since Python promises the same numbers from a seeded ``random()``.
"""

import os
import random
import statistics
import time
from collections.abc import Callable
from math import hypot
from typing import Any

Frame = dict[str, Any]
Image = list[list[float]]

PACE = float(os.environ.get("NIGHT_WATCH_PACE", "1"))  # 0: a night without waiting
WIDTH, HEIGHT = 44, 15
ARCSEC_PER_COLUMN = 4
SHADES = " .:-=+*#%@"
NIGHT = [(1.3, 0.1), (1.6, 0.1), (3.9, 0.7), (1.4, 0.2), (1.2, 0.0), (2.8, 0.5), (1.1, 0.0)]
WORST_SEEING_ARCSEC = 2.5
READ_NOISE = 60.0  # of a telescope of 1 cm, in units of the target's brightest point


def _ring(r: float) -> float:
    x = (r - 5.0) / 1.6
    return 1 / (1 + x * x * x * x)


def _ball(r: float) -> float:
    x = r / 3.0
    return 1 / (1 + x * x * x)


CATALOGUE: dict[str, tuple[str, float, Callable[[float], float]]] = {
    "M57": ("the Ring Nebula in Lyra", 33.0, _ring),
    "M13": ("the great cluster in Hercules", 36.5, _ball),
}


def plan(*, target: str) -> dict[str, Any]:
    _wait(0.3)
    if target not in CATALOGUE:
        raise LookupError(f"no target {target!r} in the catalogue: {', '.join(CATALOGUE)}")
    name, declination, _ = CATALOGUE[target]
    return {"target": target, "name": name, "declination_deg": declination}


def point(*, telescope: str, parked_at_deg: float, to_deg: float) -> dict[str, Any]:
    slew = abs(to_deg - parked_at_deg)
    _wait(0.2 + slew / 160)
    return {"pointed": telescope, "slew_deg": slew}


def watch_sky(*, taken: int) -> dict[str, float]:
    _wait(0.2)
    seeing, clouds = NIGHT[taken % len(NIGHT)]
    return {"seeing_arcsec": seeing, "clouds": clouds}


def expose(*, telescope: str, mirror_cm: int, target: str, taken: int) -> dict[str, Frame]:
    _wait(0.3 + mirror_cm / 200)
    return {"frame": {"target": target, "mirror_cm": mirror_cm, "seed": f"{telescope}-{taken + 1}"}}


def judge(
    *, frames: list[Frame], sky: dict[str, float], taken: int, kept: list[Frame]
) -> dict[str, Any]:
    _wait(0.25)
    if sky["seeing_arcsec"] <= WORST_SEEING_ARCSEC:
        kept = [*kept, *frames]
    return {"exposures": taken + 1, "kept": kept, "snr": _signal_to_noise(kept) if kept else 0.0}


def stack(*, frames: list[Frame]) -> dict[str, Image]:
    _wait(0.4)
    return {"image": [[round(value, 3) for value in row] for row in _stacked(frames)]}


def measure(*, image: Image) -> dict[str, int]:
    _wait(0.4)
    middle_rows = image[HEIGHT // 2 - 1 : HEIGHT // 2 + 2]
    middle = [sum(column) for column in zip(*middle_rows, strict=True)]
    bright = [column for column, value in enumerate(middle) if value > max(middle) / 2]
    return {"arcsec": (bright[-1] - bright[0] + 1) * ARCSEC_PER_COLUMN}


def draw(*, image: Image) -> dict[str, list[str]]:
    _wait(0.5)
    brightest = max(map(max, image))
    lines = ["".join(_shade(value / brightest) for value in row) for row in image]
    return {"picture": [line.rstrip() for line in lines]}


def report(
    *, name: str, exposures: int, kept: list[Frame], snr: float, arcsec: int
) -> dict[str, str]:
    _wait(0.2)
    return {
        "report": f"{name}, {arcsec} arc seconds wide, from {len(kept)} of {3 * exposures} frames; "
        f"signal to noise {snr}"
    }


def _wait(seconds: float) -> None:
    time.sleep(seconds * PACE)


def _distance(row: int, column: int) -> float:
    """From the middle of the image, in rows; a column is half as wide as a row is high."""
    return hypot((column - (WIDTH - 1) / 2) / 2, row - (HEIGHT - 1) / 2)


def _pixels(frame: Frame) -> Image:
    profile = CATALOGUE[frame["target"]][2]
    grain: float = READ_NOISE / frame["mirror_cm"]
    dice = random.Random(frame["seed"])  # each frame has the same grain, whenever it is read

    def pixel(row: int, column: int) -> float:
        return profile(_distance(row, column)) + grain * (dice.random() - 0.5)

    return [[pixel(row, column) for column in range(WIDTH)] for row in range(HEIGHT)]


def _stacked(frames: list[Frame]) -> Image:
    """The mean of the frames, each weighted by the area of its mirror."""
    weighted: list[tuple[int, Image]] = [
        (frame["mirror_cm"] ** 2, _pixels(frame)) for frame in frames
    ]
    whole = sum(weight for weight, _ in weighted)

    def pixel(row: int, column: int) -> float:
        return sum(weight * image[row][column] for weight, image in weighted) / whole

    return [[pixel(row, column) for column in range(WIDTH)] for row in range(HEIGHT)]


def _signal_to_noise(frames: list[Frame]) -> float:
    """How far the brightest parts of the target stand above the grain of the empty sky."""
    image = _stacked(frames)
    profile = CATALOGUE[frames[0]["target"]][2]
    signal, empty = [], []
    for row in range(HEIGHT):
        for column in range(WIDTH):
            expected = profile(_distance(row, column))
            if expected > 0.7:
                signal.append(image[row][column])
            elif expected < 0.05:
                empty.append(image[row][column] - expected)
    return round(statistics.fmean(signal) / statistics.pstdev(empty), 1)


def _shade(brightness: float) -> str:
    return SHADES[min(max(int(brightness * len(SHADES)), 0), len(SHADES) - 1)]
