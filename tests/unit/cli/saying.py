"""Commands called as the shell does, in a folder of their own."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from runfox.cli import main


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Say = Callable[..., Said]


def saying(capsys: pytest.CaptureFixture[str]) -> Say:
    """Return what calls a command with these words."""

    def call(*words: object) -> Said:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Said(code, *capsys.readouterr())

    return call
