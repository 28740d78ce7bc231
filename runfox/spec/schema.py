"""The JSON Schema (draft-07) of a workflow file, for editors."""

from runfox import values
from runfox.values import Json


def schema() -> dict[str, Json]:
    """Return the published schema: the shape of a file. Names that refer to each other are ``load``'s to check."""
    from importlib.resources import files  # only the few who ask for the schema wait for it

    text = files("runfox.spec").joinpath("schema.json").read_bytes()
    result: dict[str, Json] = values.parse(text)
    return result
