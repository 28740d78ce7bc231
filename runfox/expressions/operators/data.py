"""Reading: ``var vars missing missing_some``; and ``literal`` and ``log``, which pass values on."""

from runfox.expressions.coercion import is_list, number
from runfox.expressions.limits import MAX_PATH, At, Meter
from runfox.expressions.model import Fault, Node, Operator, Run, Site
from runfox.expressions.operators.eager import plain
from runfox.expressions.paths import MISSING, find, lookup, path_text, split
from runfox.expressions.queries import BadPath, query
from runfox.values import Json

# Splitting and walking a path takes as long as this many plain operations.
WORK_PER_NAME = 20


def build_var(args: list[Node], site: Site) -> Run:
    default = args[1].run if len(args) > 1 else None
    if args and not args[0].constant:
        site.reads_computed()
        return _computed_var(args[0].run, default)
    path = _static_path(args[0].value if args else None, site)
    site.reads(path)
    return lookup(path, default)


def build_var_from_text(text: str, site: Site) -> Run:
    path = _static_path(text, site)
    site.reads(path)
    return lookup(path, None)


def _computed_var(path: Run, default: Run | None) -> Run:
    def run(scope: Json, meter: Meter | None) -> Json:
        value = find(scope, _path_now(path(scope, meter)))
        if value is not MISSING:
            return value
        return None if default is None else default(scope, meter)

    return run


def _static_path(value: Json, site: Site) -> tuple[str, ...]:
    text = path_text(value)
    if text is None or len(text) > MAX_PATH:
        site.refuse("bad-path", "a path is a short text such as a.b, or a position")
        return ()
    path = split(text)
    if "" in path:
        site.refuse("bad-path", f'path "{text[:60]}" has an empty part', "Paths look like a.b.0")
    return path


def _path_now(value: Json) -> tuple[str, ...]:
    text = path_text(value)
    if text is None or len(text) > MAX_PATH:
        raise Fault("the computed path is no text, or too long")
    return split(text)


def build_vars(args: list[Node], site: Site) -> Run:
    (path,) = args
    if not path.constant:
        site.reads_computed()
        return _computed_vars(path.run, At(site.name, site.path))
    if type(path.value) is not str:
        site.refuse("bad-path", "the path is no text")
        return path.run
    return build_vars_from_text(path.value, site)


def build_vars_from_text(text: str, site: Site) -> Run:
    at = At(site.name, site.path)
    try:
        search, read = query(text)
    except BadPath as error:
        site.refuse("bad-path", str(error), error.hint)
        return lambda _scope, _meter: []
    site.reads(read)

    def run(scope: Json, meter: Meter | None) -> Json:
        found = search(scope)
        if meter is not None:
            meter.take(len(found), at)
        return found

    return run


def _computed_vars(path: Run, at: At) -> Run:
    def run(scope: Json, meter: Meter | None) -> Json:
        try:
            search, _ = query(_query_text(path(scope, meter)))
        except BadPath as error:
            raise Fault(str(error)) from None
        found = search(scope)
        if meter is not None:
            meter.take(len(found), at)
        return found

    return run


def _query_text(value: Json) -> str:
    if type(value) is str:
        return value
    raise Fault("the path is no text")


def _is_missing(scope: Json, path: tuple[str, ...]) -> bool:
    value = find(scope, path)
    return value is MISSING or value is None or value == ""


def _missing(scope: Json, names: Json, meter: Meter | None) -> list[Json]:
    if meter is not None:
        meter.work(len(names) * WORK_PER_NAME)
    return [name for name in names if _is_missing(scope, _path_now(name))]


def build_missing(args: list[Node], site: Site) -> Run:
    runs = [arg.run for arg in args]
    _note_names([arg.value for arg in args] if all(arg.constant for arg in args) else None, site)

    def run(scope: Json, meter: Meter | None) -> Json:
        names = [run(scope, meter) for run in runs]
        return _missing(scope, names[0] if names and is_list(names[0]) else names, meter)

    return run


def build_missing_some(args: list[Node], site: Site) -> Run:
    least, names = args
    _note_names(names.value if names.constant else None, site)

    def run(scope: Json, meter: Meter | None) -> Json:
        wanted = number(least.run(scope, meter))
        options = names.run(scope, meter)
        if not is_list(options):
            raise Fault("the second argument is no list of paths")
        absent = _missing(scope, options, meter)
        return [] if len(options) - len(absent) >= wanted else absent

    return run


def _note_names(names: Json, site: Site) -> None:
    """Note the paths that are looked for; ``names`` is None where they are computed."""
    if not is_list(names):
        site.reads_computed()
        return
    for name in names[0] if names and is_list(names[0]) else names:
        site.reads(_static_path(name, site))


def build_literal(args: list[Node], _site: Site) -> Run:
    return args[0].run


OPERATORS = (
    Operator(
        name="var",
        least=0,
        most=2,
        summary="The value at a path, or a default",
        build=build_var,
        build_from_text=build_var_from_text,
        lazy=True,
    ),
    Operator(
        name="vars",
        least=1,
        most=1,
        summary="All values at a path with wildcards",
        build=build_vars,
        build_from_text=build_vars_from_text,
        grows=True,
    ),
    Operator(
        name="missing",
        least=0,
        most=None,
        summary="Those of the paths that are absent, null or empty",
        build=build_missing,
    ),
    Operator(
        name="missing_some",
        least=2,
        most=2,
        summary="The absent ones of the paths, unless enough of them are there",
        build=build_missing_some,
    ),
    Operator(
        name="literal",
        least=1,
        most=1,
        summary="The argument as it is, not looked into",
        build=build_literal,
        quotes=True,
    ),
    Operator(
        name="log",
        least=1,
        most=1,
        summary="The argument; nothing is written anywhere",
        build=plain(lambda value: value),
    ),
)
