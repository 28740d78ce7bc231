"""What the source must not do with data: run it, import by it, re-create objects from it, or put it into SQL.

Each exception is listed with its reason; a new one fails here until somebody has thought of one.
"""

import ast
import re

from tests.security.source import calls, imports, modules, name_of, sql

RUNS_TEXT = {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}
SHELLS = {"os.system", "os.popen", "os.execv", "os.execve", "os.execvp", "os.spawnv", "pty.spawn"}
RECREATES = {
    "pickle",
    "cPickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "jsonpickle",
    "copyreg",
}
RUNNERS = {"runpy", "code", "codeop", "imp", "subprocess", "commands"}

IMPORTS = {
    ("runfox/backend/sqlite/liveness.py", "'fcntl'"): "a constant: a module that Windows lacks",
    ("runfox/cli/app.py", "f'runfox.cli.commands.{module}'"): "the name was found in COMMANDS",
    ("runfox/cli/handlers.py", "source"): "the operator's --executor; through cli.modules",
    (
        "runfox/cli/modules.py",
        "name",
    ): "the operator's --executor, or a file named on stderr before",
    (
        "runfox/testing/__init__.py",
        "f'runfox.testing.{_CONTRACTS[name]}'",
    ): "a value of a constant table",
}
"""Imports by a name that is not written out."""

FILES = {
    ("runfox/cli/modules.py", "importlib.util.spec_from_file_location"),
    ("runfox/cli/modules.py", "importlib.util.module_from_spec"),
    ("runfox/cli/modules.py", "found.loader.exec_module"),
}
"""The one place where a file becomes a module: the operator's --executor, or a handlers.py that was named."""

PIPES = {"runfox/execution/child.py", "runfox/execution/children.py"}
"""Modules that may use multiprocessing: what goes through its pipes is between a worker and its own child, which
runs the same executors with the same rights."""

COLUMNS = "names of our own columns and tables, written out in the module"
MARKS = "as many marks for parameters as there are values"

SQL = {
    "runfox/backend/sqlite/database.py": {
        "_SYNCHRONOUS[self._profile]": "a value of a constant table"
    },
    "runfox/backend/sqlite/definitions.py": {"where": "conditions written out in the module"},
    "runfox/backend/sqlite/jobs.py": {
        "', '.join((f':{name}' for name in names))": MARKS,
        "rows": MARKS,
        "condition": "made by asked(), of constants and marks",
    },
    "runfox/backend/sqlite/ledger.py": {"condition": "made by asked(), of constants and marks"},
    "runfox/backend/sqlite/listing.py": {
        "' AND '.join(where)": "conditions written out in the module"
    },
    "runfox/backend/sqlite/pruning.py": {"table": COLUMNS},
    "runfox/backend/sqlite/runner.py": {"', '.join('?' * len(queues))": MARKS, "asked": MARKS},
    "runfox/backend/sqlite/slots.py": {"table": COLUMNS},
    "runfox/backend/sqlite/store.py": {"names": COLUMNS, "places": MARKS},
    "runfox/backend/postgres/database.py": {
        "settings": "integers, and a schema that matched its grammar"
    },
    "runfox/backend/postgres/definitions.py": {"where": "conditions written out in the module"},
    "runfox/backend/postgres/health.py": {"names": "NAMES of the module"},
    "runfox/backend/postgres/roles.py": {
        "role": "printed for an operator to read and run, who named it",
        "schema": "printed for an operator to read and run, who named it",
    },
    "runfox/backend/sqlite/health.py": {"pragma": "constants of the module"},
    "runfox/backend/postgres/pruning.py": {"table": COLUMNS},
    "runfox/backend/postgres/schema.py": {
        "schema": "it matched address.py's grammar, which needs no quotes",
        "version": "a number of ours",
    },
    "runfox/backend/postgres/session.py": {
        "self._database.schema": "it matched address.py's grammar"
    },
    "runfox/backend/postgres/slots.py": {"table": COLUMNS},
}
"""What is put into texts of SQL and is no constant of its module, with the reason why it is never data."""

BUILDERS = {
    f"runfox/backend/postgres/{name}.py"
    for name in [
        "commits",
        "committing",
        "groups",
        "jobs",
        "ledger",
        "listing",
        "store",
        "taking",
        "workers",
    ]
}
"""Modules that build one statement of several parts: what is put into them are numbers of parameters, as $1, and
parts built beside them. Values are the parameters' alone: ``test_strings`` tries them."""

CONSTANT = re.compile(r"_?[A-Z][A-Z_]*(\.replace\('\$\d', '\$\d'\))*( \+ \d+)?")


def test_no_text_is_run():
    own = {path for path in modules() if path.startswith("runfox/expressions/")}
    found = {
        (path, name)
        for path, name, _ in calls()
        if name in RUNS_TEXT and not (name == "compile" and path in own)
    }
    assert found == set()


def test_nothing_is_given_to_a_shell():
    assert {(path, name) for path, name, _ in calls() if name in SHELLS} == set()
    shells = [
        path
        for path, _, node in calls()
        if any(key.arg == "shell" and not _is(key.value, False) for key in node.keywords)
    ]
    assert shells == []


def _is(node, value):
    return isinstance(node, ast.Constant) and node.value is value


def test_no_object_is_created_from_a_text():
    used = {(path, name) for path, name in imports() if name.split(".")[0] in RECREATES | RUNNERS}
    assert used == set()
    piped = {path for path, name in imports() if name.split(".")[0] == "multiprocessing"}
    assert piped <= PIPES | {"runfox/execution/pools.py"}


def test_yaml_is_read_as_events_and_never_loaded():
    of_yaml = {name for _, name in imports() if name.split(".")[0] == "yaml"}
    assert all(name == "yaml" or name.startswith("yaml.events") for name in of_yaml)
    used = {name for _, name, _ in calls() if name.startswith("yaml.")}
    # As parsers of events, whose constructors nobody asks.
    assert used <= {"yaml.SafeLoader", "yaml.CSafeLoader"}
    constructors = {
        "get_data",
        "get_single_data",
        "construct_document",
        "construct_object",
        "get_single_node",
    }
    assert {
        (path, name) for path, name, _ in calls() if name.split(".")[-1] in constructors
    } == set()


def test_what_is_imported_by_a_name_from_elsewhere_has_a_reason():
    found = {
        (path, ast.unparse(node.args[0]))
        for path, name, node in calls()
        if name.split(".")[-1] == "import_module"
    }
    assert found == set(IMPORTS)
    files = {
        (path, name)
        for path, name, _ in calls()
        if name.split(".")[-1] in ("spec_from_file_location", "module_from_spec", "exec_module")
    }
    assert files == FILES


def test_an_attribute_is_looked_up_by_a_name_from_elsewhere_nowhere_below_the_command_line():
    """A spec names executors of a registry: no path of attributes, which could lead anywhere."""
    found = {
        (path, ast.unparse(node))
        for path, name, node in calls()
        if name == "getattr"
        and not isinstance(node.args[1], ast.Constant)
        and path.startswith(
            ("runfox/expressions", "runfox/graph", "runfox/spec", "runfox/execution")
        )
    }
    assert found == set()


def test_what_is_put_into_sql_is_constant_or_has_a_reason():
    found = {}
    for path, expression in sql():
        if not CONSTANT.fullmatch(expression) and path not in BUILDERS:
            found.setdefault(path, set()).add(expression)
    new = {path: told - set(SQL.get(path, ())) for path, told in found.items()}
    assert {path: told for path, told in new.items() if told} == {}
    gone = {path: set(told) - found.get(path, set()) for path, told in SQL.items()}
    assert {path: told for path, told in gone.items() if told} == {}, (
        "no longer there: strike it off"
    )


def test_constants_of_sql_are_made_of_constants():
    """A name in capitals is assigned once, at the top of its module."""
    for path, tree in modules().items():
        if not path.startswith("runfox/backend/"):
            continue
        inside = [
            target.id
            for outer in ast.walk(tree)
            if isinstance(outer, ast.FunctionDef)
            for node in ast.walk(outer)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and re.fullmatch(r"_?[A-Z][A-Z_]+", target.id)
        ]
        assert inside == [], path


def test_the_check_itself_sees_what_it_looks_for():
    tree = ast.parse("os.system('x'); eval(y); subprocess.run(z, shell=True)")
    names = [name_of(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert set(names) == {"os.system", "eval", "subprocess.run"}
