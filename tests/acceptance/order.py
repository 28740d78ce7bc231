"""What a process of the order tests does: python -m tests.acceptance.order DATABASE ID"""

import sys

from runfox import InProcessWorker, Workflow
from runfox.connect import connect
from tests.examples.test_examples import ROOT, handlers

FLOW = ROOT / "uses" / "order_process" / "flow.yaml"


def main(database, key):
    backend = connect(database)
    worker = InProcessWorker(backend.runner, handlers(FLOW.parent), concurrency=2)
    print(Workflow.resume(key, backend).run(worker))


if __name__ == "__main__":
    main(*sys.argv[1:])
