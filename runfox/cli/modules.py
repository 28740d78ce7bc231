"""Importing the modules that a user names, with errors that name the line in them."""

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from runfox.errors import ExecutorError


def is_file(source: str) -> bool:
    """Return whether this names a file rather than a module."""
    return source.endswith(".py") or "/" in source or "\\" in source


def load_file(source: str) -> ModuleType:
    """Execute a file as a module. As for a script, its folder is where its own imports are looked for."""
    path = Path(source).resolve()
    if not path.is_file():
        raise ExecutorError(f"no file {source!r} to take the executor from")
    folder = str(path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    name = _free_name(path)
    found = importlib.util.spec_from_file_location(name, path)
    if found is None or found.loader is None:
        raise ExecutorError(f"{source} is no Python file: its name must end in .py")
    module = sys.modules[name] = importlib.util.module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ExecutorError(f"cannot import {source}: {_reason(error, path)}") from error
    return module


def _free_name(path: Path) -> str:
    """The name of a module for a file: its own, unless that is taken, or one of the standard library."""
    taken = path.stem in sys.stdlib_module_names or path.stem in sys.modules
    return f"runfox_executor_{path.stem}" if taken else path.stem


def import_module(name: str) -> ModuleType:
    """Import a module by its name, from the current folder too."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and f"{name}.".startswith(f"{error.name}."):
            near = f" Did you mean {name}.py?" if Path(f"{name}.py").is_file() else ""
            raise ExecutorError(
                f"no module {name!r} to take the executor from: it is neither in this folder nor "
                f"installed.{near}"
            ) from error
        raise ExecutorError(f"cannot import {name}: {error}") from error
    except (Exception, SystemExit) as error:
        raise ExecutorError(f"cannot import {name}: {_reason(error, None)}") from error


def _reason(error: BaseException, path: Path | None) -> str:
    """What went wrong and, if it is known, in which line of which file."""
    kind = type(error).__name__
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}: {kind}: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if path is None or frame.filename == str(path)]
    if not inside:
        return f"{kind}: {error}"
    return f"{inside[-1].filename}:{inside[-1].lineno}: {kind}: {error}"
