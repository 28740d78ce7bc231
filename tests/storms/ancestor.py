"""Imported by the process that all processes of a storm are forked from, and by no other.

Its own way of ending waits for its children, of which some may be stopped.
"""

import psycopg_pool  # noqa: F401 - what is imported here need not be imported by its children

import tests.storms.processes  # noqa: F401
from tests.storms.parent import end_with_parent

end_with_parent()
