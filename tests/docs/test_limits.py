"""The documents' table of limits says what the code keeps."""

import re

from runfox.backend.limits import TABLE, markdown
from tests.docs.blocks import ROOT

ASIDE = re.compile(r" \(`\w+`\)")


def rows():
    """Return the rows of the README's table of limits."""
    section = (ROOT / "README.md").read_text().partition("\n## Limits\n")[2].partition("\n## ")[0]
    found = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return {row[0]: row[1] for row in found[2:]}


def test_each_limit_that_the_readme_names_is_that_of_the_code():
    told = rows()
    assert set(told) == set(TABLE)
    for what, most in told.items():
        assert ASIDE.sub("", TABLE[what]).startswith(ASIDE.sub("", most)), what


def test_the_table_is_markdown_as_the_documents_have_it():
    assert markdown().startswith("| what | most |\n|---|---|\n| a spec | 5 MB, 100 levels deep |\n")
    assert "| facts of one commit | 4 MB (`max_facts`)" in markdown()
