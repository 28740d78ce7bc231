"""Importing runfox is cheap: nothing is imported that a first step does not need."""

import subprocess
import sys

HEAVY = (
    "yaml",
    "asyncio",
    "concurrent",
    "hmac",
    "click",
    "rich",
    "jsonpath_ng",
    "json_logic_path",
    "multiprocessing",
    "pytest",
    "psycopg",
    "psycopg_pool",
)


def test_importing_runfox_imports_no_driver_and_nothing_slow():
    code = f"import sys, runfox; print([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_documented():
    import runfox

    for name in runfox.__all__:
        assert getattr(runfox, name) is not None
        if isinstance(getattr(runfox, name), type):
            assert getattr(runfox, name).__doc__, name
