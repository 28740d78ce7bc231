"""A function for AWS Lambda, or whatever else calls one per event: it connects, decides, dispatches and goes.

    python examples/uses/lambda_handler/function.py

Three kinds of events come to it: a request that begins a run, an answer to a job, with the token that went out
with it, and the tick of a clock. Any of them may come twice, or to many at once.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

from runfox import Backend, Tokens, Workflow
from runfox.backend.sweeping import sweep
from runfox.connect import connect
from runfox.errors import RequestError, TokenRefused

FLOW = Path(__file__).with_name("flow.yaml")


class Queue:
    """A runner. A file stands for the queue here: with SQS, this would be ``send_message``."""

    def __init__(self, tokens):
        self.tokens = tokens

    def dispatch(self, workflow_execution_id, jobs):
        for job in jobs:
            token = self.tokens.for_job(job, expires_in=timedelta(days=1))
            message = {"fn": job.fn, "inputs": job.inputs, "key": job.idempotency_key}
            with Path(os.environ["QUEUE"]).open("a") as queue:
                queue.write(json.dumps({**message, "token": token}) + "\n")


def handler(event, context):
    """Apply one event, and dispatch what is ready then."""
    tokens = Tokens({"key-1": os.environ["TOKEN_KEY"]})
    store = connect(os.environ["DATABASE"]).store
    # A job that nobody answers for ten minutes is sent again, at a tick.
    backend = Backend(store, Queue(tokens), hold=timedelta(minutes=10))
    try:
        if (
            event.get("source") == "aws.events"
        ):  # the tick, once a minute: timers, and what was lost
            return {"statusCode": 200, "moved": sweep(backend).moved}
        body = json.loads(event["body"])
        if "token" in body:
            decision = tokens.complete(backend, body["token"], body["output"])
        else:  # the request's own id: begun twice, it is one run
            run = Workflow.from_file(FLOW, backend, inputs=body["inputs"], execution_id=body["id"])
            decision = run.advance()
        return {"statusCode": 200, "body": type(decision).__name__}
    except TokenRefused as refused:  # says the same of every token that is not accepted
        return {"statusCode": 403, "body": str(refused)}
    except (RequestError, ValueError, KeyError) as error:
        return {"statusCode": 400, "body": str(error)}
    finally:
        store.close()


def main():
    """Play the queue and those behind it, in the folder that this is called in."""
    import secrets

    import handlers

    os.environ |= {
        "DATABASE": "lambda.db",
        "QUEUE": "queue.jsonl",
        "TOKEN_KEY": secrets.token_hex(),
    }
    run = secrets.token_hex(8)
    answer = handler({"body": json.dumps({"id": run, "inputs": {"picture": "harbour"}})}, None)
    with Path("queue.jsonl").open() as queue:
        while answer["body"] != "Complete":
            message = json.loads(queue.readline())
            output = getattr(handlers, message["fn"])(**message["inputs"])
            body = {"token": message["token"], "output": output}
            answer = handler({"body": json.dumps(body)}, None)
            print(message["key"].rpartition("#")[0].rpartition("#")[2], output, answer["body"])


if __name__ == "__main__":
    sys.exit(main())
