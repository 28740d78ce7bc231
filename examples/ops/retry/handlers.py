"""What the steps of the retry example do.

The line is a small file that remembers how often it was dialled, so that every run of the workflow
meets the same two failures, in whichever process its attempts happen to run.
"""

import tempfile
from pathlib import Path

BUSY_TIMES = 2


def open_line() -> dict[str, str]:
    with tempfile.NamedTemporaryFile(prefix="line-", delete=False) as file:
        return {"line": file.name}


def dial(*, line: str) -> dict[str, str]:
    with Path(line).open("a+") as file:
        file.write("dialled\n")
        file.seek(0)
        times = len(file.readlines())
    if times <= BUSY_TIMES:
        raise ConnectionError(f"the line is busy (dialled {times} times)")
    return {"answer": "Good evening, lighthouse speaking."}


def close_line(*, line: str) -> dict[str, bool]:
    Path(line).unlink(missing_ok=True)
    return {"closed": True}
