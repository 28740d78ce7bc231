"""Closures for operators that are plain functions of their arguments' values."""

from collections.abc import Callable

from runfox.expressions.limits import At, Meter
from runfox.expressions.model import Build, Node, Run, Site
from runfox.values import Json


def plain(function: Callable[..., Json]) -> Build:
    """A builder that evaluates every argument and calls ``function(*values)``."""

    def build(args: list[Node], _site: Site) -> Run:
        runs = [arg.run for arg in args]
        match runs:
            case [f]:
                return lambda scope, meter: function(f(scope, meter))
            case [f, g]:
                return lambda scope, meter: function(f(scope, meter), g(scope, meter))
        return lambda scope, meter: function(*[run(scope, meter) for run in runs])

    return build


def metered(function: Callable[..., Json]) -> Build:
    """The same for a function that charges for what it does: ``function(meter, at, *values)``."""

    def build(args: list[Node], site: Site) -> Run:
        runs = [arg.run for arg in args]
        at = At(site.name, site.path)

        def run(scope: Json, meter: Meter | None) -> Json:
            return function(meter, at, *[run(scope, meter) for run in runs])

        return run

    return build
