"""A runfox of the next format, as a command: python -m tests.acceptance.newer COMMAND ..."""

import sys

from runfox.backend import codec
from runfox.cli import main

if __name__ == "__main__":
    codec.FORMAT += 1
    sys.exit(main(sys.argv[1:]))
