"""What the documents say is so: every block of code in them is run or checked.

python    runs. All blocks of one document share their variables, in order.
yaml      is read; with ``steps`` it is checked as a workflow. ``# refused: CODE`` in it promises
          that the check refuses it with that code.
json      is parsed.
console   each line after ``$`` is run by a shell and exits with 0, or as ``  # exit 3`` at its end
          says. Lines shown under it are among what it prints; ``...`` stands for anything.
sql       runs against the SQLite database that its first line names (``-- orders.db``), or the
          only one there is. ``:name`` is a variable of the Python blocks, and the columns of a
          statement's first row become variables for what follows.
text      is for reading only.

A first line ``# flow.yaml`` (any file name, alone) makes the block that file, for the blocks after
it. All happens in a new directory that holds a copy of ``examples``.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runfox.errors import SpecError
from tests.docs.blocks import COMMANDS, ROOT, Block, blocks, commands, two_commands
from tests.docs.documents import Document

NAMES = (
    "README.md",
    "LANGUAGE.md",
    "OPERATING.md",
    "NOTES.md",
    "CHANGELOG.md",
    "examples/README.md",
)


def read(tmp_path: Path, text: str) -> list[Block]:
    file = tmp_path / "page.md"
    file.write_text(text)
    return [block._replace(file=ROOT / "page.md") for block in blocks(file)]


def run(tmp_path: Path, text: str) -> Document:
    document = Document(tmp_path)
    for block in read(tmp_path, text):
        document.run(block)
    return document


@pytest.fixture
def own_modules(tmp_path) -> Iterator[None]:
    """Forget modules that a document made: the next one may have its own ``handlers``."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.usefixtures("own_modules")
@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_a_document_does_what_it_says(name, tmp_path, monkeypatch, subtests):
    document = Document(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    file = ROOT / name
    for block in blocks(file) if file.exists() else ():
        with subtests.test(block.place):
            document.run(block)


def test_python_blocks_share_variables_and_tracebacks_name_the_line_of_the_document(tmp_path):
    page = "x\n```python\na = 1\n```\n\n```python\nb = a + 1\nraise ValueError(b)\n```\n"
    with pytest.raises(ValueError, match="2") as caught:
        run(tmp_path, page)
    assert caught.traceback[-1].lineno + 1 == 8


def test_a_command_that_exits_otherwise_or_prints_otherwise_is_found(tmp_path):
    lines = ("$ python -c 'print(\"a  b 12 ms\")'", "a b ... ms", "$ python -c 'exit(3)'  # exit 3")
    document = run(tmp_path, "\n".join(("```console", *lines, "```")))
    for wrong in ("$ python -c 'exit(3)'", "$ python -c 'print(1)'\n2", "$ rm -r x"):
        [block] = read(tmp_path, f"```console\n{wrong}\n```\n")
        with pytest.raises(AssertionError):
            document.run(block)


def test_a_command_may_go_on_in_the_next_line(tmp_path):
    [block] = read(tmp_path, "```console\n$ runfox run \\\n    a.yaml\nout\n```\n")
    [command] = commands(block)
    assert (command.text, command.output) == ("runfox run a.yaml", ("out",))


def test_a_block_with_a_file_name_is_that_file_for_the_next(tmp_path):
    page = "```python\n# shop/sums.py\nTWO = 2\n```\n```console\n$ python shop/sums.py\n```\n"
    document = run(tmp_path, page)
    assert (document.directory / "shop" / "sums.py").read_text().endswith("TWO = 2\n")


def test_workflows_in_documents_are_checked(tmp_path):
    page = "```yaml\nname: a\nsteps: [{id: b}]\n```\n"
    document = run(tmp_path, page)
    [unchecked] = read(tmp_path, page.replace("id: b", "id: b, depends_on: [c]"))
    with pytest.raises(SpecError):
        document.run(unchecked)
    promise = page.replace("id: b", "id: b, depends_on: [c]").replace(
        "name", "# refused: CODE\nname"
    )
    [promised] = read(tmp_path, promise.replace("CODE", "unknown-step"))
    document.run(promised)


def test_statements_run_on_a_database_and_hand_their_rows_on(tmp_path):
    page = """
```python
import sqlite3
low = 1
sqlite3.connect("{db}").close()
```
```sql
-- x.db
CREATE TABLE t (n); INSERT INTO t VALUES (1), (2);
SELECT n AS found FROM t WHERE n > :low;
```
```sql
DELETE FROM t WHERE n = :found;
```
"""
    document = run(tmp_path, page.format(db=tmp_path / "x.db"))
    assert document.variables["found"] == 2


def test_a_block_that_is_never_closed_is_found(tmp_path):
    with pytest.raises(AssertionError, match=r"page\.md:2: this block is never closed"):
        read(tmp_path, "a\n```python\nx = 1\n")


def test_the_two_commands_are_found_under_their_heading(tmp_path):
    readme = tmp_path / "README.md"
    other = "```console\n$ no\n```\n"
    section = "```console\n$ one && two\n```\ntext\n```console\nthree\n```\n"
    readme.write_text(f"# x\n{other}{COMMANDS}\n{section}## Next\n{other}")
    assert two_commands(readme) == ("one && two", "three")
