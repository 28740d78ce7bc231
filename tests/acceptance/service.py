"""A service outside that notes the jobs it is sent, and answers none of them."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PATIENCE = 60
"""Seconds that a request may take on a busy machine."""


class Noting(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Note)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.jobs = []  # what list.append does from many threads is whole

    def __enter__(self):
        Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class _Note(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.jobs.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def post(address, body):
    """Send JSON, and return the status and the JSON of the answer."""
    request = Request(address, body if type(body) is bytes else json.dumps(body).encode())
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)
