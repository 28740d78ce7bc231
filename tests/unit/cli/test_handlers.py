"""Plain modules as executors."""

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runfox.cli.handlers import Handlers, UnknownExecutor
from runfox.errors import ExecutorError
from runfox.execution import JobContext

CONTEXT = JobContext("w#x", "a", 0, 1, 1, "w#x#a#0")


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """What an import leaves in this process is taken back."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    yield
    for name in set(sys.modules) - known:
        del sys.modules[name]


def a_module(folder: Path, text: str, name: str = "work.py") -> Handlers:
    (folder / name).write_text(text)
    return Handlers.of(str(folder / name))


def call(handlers: Handlers, fn: str, **inputs: object) -> object:
    return handlers(fn, inputs, CONTEXT)


def test_functions_are_called_by_name_with_the_inputs_as_keywords(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def add(*, a, b=1): return {'sum': a + b}\n")
    assert call(handlers, "add", a=2) == {"sum": 3}


def test_only_public_functions_of_the_module_itself_can_be_called(tmp_path: Path) -> None:
    handlers = a_module(
        tmp_path,
        "from os import getcwd\nfrom json import dumps as _d\nclass Thing: pass\n"
        "def _hidden(): ...\ndef mine(): return {}\n",
    )
    for fn in ("getcwd", "_d", "_hidden", "Thing", "__import__"):
        with pytest.raises(UnknownExecutor, match="mine") as caught:
            call(handlers, fn)
        assert caught.value.known == ("mine",)


def test_a_decorated_function_is_one_of_the_module(tmp_path: Path) -> None:
    text = (
        "import functools\n"
        "def twice(f):\n"
        "    @functools.wraps(f)\n"
        "    def call(**more): return f(**more)\n"
        "    return call\n"
        "@twice\ndef wrapped(*, x): return {'x': x}\n"
        "@functools.lru_cache\ndef cached(): return {}\n"
    )
    handlers = a_module(tmp_path, text)
    assert call(handlers, "wrapped", x=1) == {"x": 1}
    assert call(handlers, "cached") == {}


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        (
            {"telescop": 1, "deg": 2},
            "missing: telescope; unknown: telescop (did you mean 'telescope'?)",
        ),
        ({}, "the input of the step has nothing; missing: telescope, deg"),
        ({"telescope": 1, "deg": 2, "x": 3}, "unknown: x"),
    ],
)
def test_inputs_that_do_not_fit_are_told_with_the_parameters(
    tmp_path: Path, inputs: dict[str, int], told: str
) -> None:
    handlers = a_module(tmp_path, "def point(*, telescope, deg, slow=False): return {}\n")
    with pytest.raises(TypeError) as caught:
        call(handlers, "point", **inputs)
    assert str(caught.value).startswith("point() takes telescope, deg, slow; ")
    assert told in str(caught.value)


def test_a_type_error_inside_of_a_function_stays_what_it_is(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def f(*, x): return len(x)\n")
    with pytest.raises(TypeError, match="has no len"):
        call(handlers, "f", x=1)


def test_a_module_with_execute_is_called_with_the_name_and_the_inputs(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def execute(fn, inputs): return {'did': fn, **inputs}\n")
    assert call(handlers, "anything-at-all", a=1) == {"did": "anything-at-all", "a": 1}


def test_an_executor_with_a_third_parameter_gets_the_context(tmp_path: Path) -> None:
    text = "def execute(fn, inputs, context): return {'key': context.idempotency_key}\n"
    assert call(a_module(tmp_path, text), "f") == {"key": "w#x#a#0"}


def test_a_function_that_is_named_execute_and_takes_keywords_is_a_step(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def execute(*, order): return {'order': order}\n")
    assert call(handlers, "execute", order=1) == {"order": 1}


def test_modules_are_found_in_the_current_folder_by_name(tmp_path: Path) -> None:
    a_module(
        tmp_path, "def run(fn, inputs): return {'fn': fn}\ndef other(): return {}\n", "pipeline.py"
    )
    assert call(Handlers.of("pipeline:run"), "x") == {"fn": "x"}
    assert call(Handlers.of("pipeline"), "other") == {}


def test_a_file_may_be_called_like_a_module_of_the_standard_library(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def f(): return {'mine': True}\n", "json.py")
    assert call(handlers, "f") == {"mine": True}
    assert hasattr(sys.modules["json"], "dumps")


def test_a_file_imports_what_lies_beside_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "beside_it.py").write_text("VALUE = 7\n")
    handlers = a_module(
        tmp_path / "sub", "import beside_it\ndef f(): return {'v': beside_it.VALUE}\n"
    )
    assert call(handlers, "f") == {"v": 7}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def f(:\n", "work.py:1: SyntaxError"),
        ("x = 1\nraise ValueError('boom')\n", "work.py:2: ValueError: boom"),
        ("import sys\nsys.exit(3)\n", "work.py:2: SystemExit: 3"),
        ("import no_such_module_at_all\n", "work.py:1: ModuleNotFoundError"),
        ("x = 1\n", "defines no public function"),
    ],
)
def test_a_module_that_cannot_be_used_is_told_with_its_line(
    tmp_path: Path, text: str, told: str
) -> None:
    with pytest.raises(ExecutorError) as caught:
        a_module(tmp_path, text).load()
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("nope.py", "no file 'nope.py'"),
        ("no_such_module", "neither in this folder nor installed"),
        ("json:dmps", "Did you mean 'dumps'?"),
        ("json:JSONDecoder", "must be a function (fn, inputs)"),
        ("json:__name__", "must be a function (fn, inputs)"),
    ],
)
def test_an_executor_that_is_none_is_refused_with_the_way_out(given: str, told: str) -> None:
    with pytest.raises(ExecutorError) as caught:
        Handlers.of(given).load()
    assert told in str(caught.value)


def test_an_executor_can_be_sent_to_another_process(tmp_path: Path) -> None:
    handlers = a_module(tmp_path, "def f(): return {}\n")
    handlers.load()
    assert pickle.loads(pickle.dumps(handlers)) == handlers
    assert str(Handlers.of("a.py:b")) == "a.py:b"
