"""The JSON Schema (draft-07) of a workflow file, for editors."""

from importlib.resources import files

from runfox import values
from runfox.values import Json


def schema() -> dict[str, Json]:
    """Return the published schema. It says what a schema can say: names that refer to each other are ``load``'s."""
    result: dict[str, Json] = values.parse(files("runfox.spec").joinpath("schema.json").read_bytes())
    return result
