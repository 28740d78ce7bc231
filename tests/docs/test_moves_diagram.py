"""The diagram in NOTES.md is the table."""

from runfox.graph.moves import diagram
from tests.docs.blocks import ROOT


def test_the_diagram_in_the_notes_is_drawn_from_the_table_of_moves():
    assert diagram() in (ROOT / "NOTES.md").read_text()
