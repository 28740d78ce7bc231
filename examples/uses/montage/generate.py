"""Write flow.yaml and expected.json of the mosaic: python examples/uses/montage/generate.py

The outcome is computed from the true sky alone, without images, overlaps or a model: the workflow
has to arrive at the same mosaic from what its images show.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from handlers import SIDE, STRIDE, jpeg, shrink, sky

ROWS = 14
COLUMNS = 14
SHRINK = 2
HERE = Path(__file__).parent

HEAD = """\
# {steps:,} steps, shaped like a real astronomical mosaic: {images} images, {pairs} overlaps.
#   runfox run examples/uses/montage/flow.yaml
# Written by generate.py beside it; change that, not this.
name: montage
description: Images taken under different glows of the sky become one mosaic without seams
labels: {{field: astronomy}}

steps:"""

PROJECT = """\
  - {{id: project_{name}, fn: project, input: {{row: {row}, column: {column}}}}}"""

DIFFERENCE = """\
  - id: difference_{first}_{second}
    fn: difference
    depends_on: [project_{first}, project_{second}]
    input:
      first: {{"var": "steps.project_{first}.output.image"}}
      second: {{"var": "steps.project_{second}.output.image"}}"""

FIT = """\
  - id: fit_{first}_{second}
    fn: fit
    depends_on: [difference_{first}_{second}]
    input: {{difference: {{"var": "steps.difference_{first}_{second}.output.difference"}}}}"""

MODEL = """\
  - id: concat
    label: Gather the fits
    depends_on:
{fits}
    input:
      fits: {{"vars": "steps[*].output.fit"}}

  - id: model
    label: Find the glow of every image
    depends_on: [concat]
    input:
      fits: {{"var": "steps.concat.output.fits"}}
      reference: "00_00\""""

BACKGROUND = """\
  - id: background_{name}
    fn: background
    depends_on: [project_{name}, model]
    input:
      image: {{"var": "steps.project_{name}.output.image"}}
      correction: {{"var": "steps.model.output.corrections.{name}"}}"""

TAIL = """\
  - id: image_table
    label: List the tiles
    depends_on:
{backgrounds}
    input:
      tiles: {{"vars": "steps[*].output.tile"}}

  - id: add
    label: Lay the tiles side by side
    depends_on: [image_table]
    input:
      tiles: {{"vars": "steps[*].output.tile"}}
      height: {{"var": "steps.image_table.output.height"}}
      width: {{"var": "steps.image_table.output.width"}}

  - id: shrink
    depends_on: [add]
    input:
      mosaic: {{"var": "steps.add.output.mosaic"}}
      factor: {shrink}

  - id: jpeg
    label: Draw the picture
    depends_on: [shrink]
    input:
      small: {{"var": "steps.shrink.output.small"}}

outputs:
  images: {{"var": "steps.image_table.output.images"}}
  height: {{"var": "steps.image_table.output.height"}}
  width: {{"var": "steps.image_table.output.width"}}
  brightness: {{"var": "steps.add.output.brightness"}}
  picture: {{"var": "steps.jpeg.output.picture"}}"""


def flow_text() -> str:
    return "\n\n".join(_sections()) + "\n"


def expected() -> dict[str, Any]:
    height, width = (ROWS - 1) * STRIDE + SIDE, (COLUMNS - 1) * STRIDE + SIDE
    mosaic = [[sky(y, x) for x in range(width)] for y in range(height)]
    outcome = {
        "images": ROWS * COLUMNS,
        "height": height,
        "width": width,
        "brightness": sum(map(sum, mosaic)),
        **jpeg(small=shrink(mosaic=mosaic, factor=SHRINK)["small"]),
    }
    return {"status": "complete", "outcome": outcome}


def _sections() -> Iterator[str]:
    places = [(row, column) for row in range(ROWS) for column in range(COLUMNS)]
    names = [_name(*place) for place in places]
    pairs = list(_pairs(places))
    steps = 2 * len(names) + 2 * len(pairs) + 6
    projects = [
        PROJECT.format(name=_name(row, column), row=row, column=column) for row, column in places
    ]
    yield "\n".join([HEAD.format(steps=steps, images=len(names), pairs=len(pairs)), *projects])
    yield from (DIFFERENCE.format(first=first, second=second) for first, second in pairs)
    yield from (FIT.format(first=first, second=second) for first, second in pairs)
    yield MODEL.format(fits=_listed([f"fit_{first}_{second}" for first, second in pairs]))
    yield from (BACKGROUND.format(name=name) for name in names)
    yield TAIL.format(backgrounds=_listed([f"background_{name}" for name in names]), shrink=SHRINK)


def _pairs(places: list[tuple[int, int]]) -> Iterator[tuple[str, str]]:
    for row, column in places:
        if column + 1 < COLUMNS:
            yield _name(row, column), _name(row, column + 1)
        if row + 1 < ROWS:
            yield _name(row, column), _name(row + 1, column)


def _name(row: int, column: int) -> str:
    return f"{row:02}_{column:02}"


def _listed(ids: list[str]) -> str:
    """A list in brackets, four names a line."""
    lines = [", ".join(ids[start : start + 4]) for start in range(0, len(ids), 4)]
    return "      [\n" + "".join(f"        {line},\n" for line in lines) + "      ]"


if __name__ == "__main__":
    (HERE / "flow.yaml").write_text(flow_text(), encoding="utf-8")
    (HERE / "expected.json").write_text(json.dumps(expected(), indent=2) + "\n", encoding="utf-8")
