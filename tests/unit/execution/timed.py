"""Executors that take their time, for child processes to import."""

import os
import subprocess
import sys
from pathlib import Path
from time import sleep


def with_grandchild(fn, inputs, context):
    """Start a process that would go on for long, tell its id and one's own, and wait for it."""
    if fn == "quick":
        return {"pid": os.getpid()}
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    Path(inputs["file"]).write_text(f"{os.getpid()} {child.pid}")
    child.wait()
    return {}


def beating(fn, inputs, context):
    for _ in range(inputs["beats"]):
        sleep(inputs["every"])
        context.beat()
    sleep(inputs["then"])
    return {"beats": inputs["beats"]}


def until_withdrawn(fn, inputs, context):
    Path(inputs["file"]).write_text("began")
    while not context.withdrawn():
        sleep(0.01)
    Path(inputs["file"]).write_text("withdrawn")
    return {}


def told(fn, inputs):
    return {"token": inputs["token"], "env": sorted(os.environ.get("RUNFOX_SECRET_TOKEN", ""))}
