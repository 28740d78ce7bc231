"""A webhook: a POST begins a run, each step is sent to a service outside, and its result comes back as a POST.

    python examples/uses/webhook/server.py

serves on this machine, begins a run, and prints how it ended. With SERVICE=http://... it sends the steps there,
and stays; any number of such processes may share a database (DATABASE) and a key for tokens (TOKEN_KEY).
"""

import json
import os
import secrets
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import sleep

from service import Service, post

from runfox import Backend, SqliteStore, Tokens, Workflow
from runfox.backend.sweeping import sweep
from runfox.errors import RequestError, TokenRefused

FLOW = Path(__file__).with_name("flow.yaml")
LARGEST = 1_000_000


class Outside:
    """A runner: it sends a job to the service, with an address that is good for the answer to it alone."""

    def __init__(self, service, here, tokens):
        self.service, self.here, self.tokens = service, here, tokens

    def dispatch(self, workflow_execution_id, jobs):
        # What cannot be sent is kept, and sent again by a sweep: nothing is lost if this raises.
        for job in jobs:
            token = self.tokens.for_job(job, expires_in=timedelta(days=1))
            answer = f"{self.here}/results/{token}"
            message = {"fn": job.fn, "inputs": job.inputs, "key": job.idempotency_key}
            post(self.service, {**message, "answer": answer})


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            length = int(self.headers["Content-Length"])
            if length > LARGEST:
                return self.answer(413, error="larger than 1 MB")
            self.answer(200, **self.act(json.loads(self.rfile.read(length))))
        except TokenRefused as refused:  # says the same of every token that is not accepted
            self.answer(403, error=str(refused))
        except (RequestError, ValueError, TypeError) as error:
            self.answer(400, error=str(error))

    def act(self, body):
        match self.path.split("/")[1:]:
            case ["runs", own_id]:  # the caller's own id: begun twice, it is one run
                run = Workflow.from_file(
                    FLOW, self.server.backend, inputs=body, execution_id=own_id
                )
                run.advance()
                return {"run": run.id}
            case ["results", token]:
                decision = self.server.tokens.complete(self.server.backend, token, body)
                return {"now": type(decision).__name__}
            case ["failures", token]:
                error = (str(body["type"]), str(body["message"]))
                decision = self.server.tokens.fail(self.server.backend, token, *error)
                return {"now": type(decision).__name__}
            case _:
                raise ValueError("POST to /runs/ID, /results/TOKEN or /failures/TOKEN")

    def answer(self, status, **body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_):  # an address holds a token, and belongs in no log
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, database, service, key):
        super().__init__(("127.0.0.1", 0), Webhook)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.tokens = Tokens({"key-1": key})
        outside = Outside(service, self.address, self.tokens)
        # A job that nobody answers for ten minutes is sent again.
        self.backend = Backend(SqliteStore(database), outside, hold=timedelta(minutes=10))


def sweep_at_times(backend):
    while True:
        sweep(backend)
        sleep(10)


def main():
    database, service = os.environ.get("DATABASE", "webhook.db"), os.environ.get("SERVICE")
    if service is None:
        local = ThreadingHTTPServer(("127.0.0.1", 0), Service)
        Thread(target=local.serve_forever, daemon=True).start()
    server = Server(
        database,
        service or f"http://127.0.0.1:{local.server_port}",
        os.environ.get("TOKEN_KEY") or secrets.token_hex(),
    )
    Thread(target=sweep_at_times, args=(server.backend,), daemon=True).start()
    if service is not None:
        print(server.address, flush=True)
        server.serve_forever()
    Thread(target=server.serve_forever, daemon=True).start()
    run = post(f"{server.address}/runs/{secrets.token_hex(8)}", {"film": "Nosferatu"})["run"]
    print(server.backend.wait([run])[run].outcome)


if __name__ == "__main__":
    main()
