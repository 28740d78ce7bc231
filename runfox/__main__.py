"""``python -m runfox`` is ``runfox``."""

import sys

from runfox.cli import main

if __name__ == "__main__":
    sys.exit(main(program="python -m runfox"))
