"""An executor that a child process can import."""

import os
from pathlib import Path
from time import sleep


def sleep_long(fn, inputs):
    Path(inputs["file"]).write_text(str(os.getpid()))
    sleep(60)
    return {}
