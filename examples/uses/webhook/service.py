"""A service outside: it is sent a job, says that it has it, and sends the answer when it is done."""

import json
from http.server import BaseHTTPRequestHandler
from threading import Thread
from urllib.request import Request, urlopen

import handlers


def post(address, body):
    """Send JSON, and return the JSON that is answered."""
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(address, json.dumps(body).encode(), headers), timeout=30) as answer:
        return json.load(answer)


class Service(BaseHTTPRequestHandler):
    def do_POST(self):
        job = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Thread(target=self.work, args=(job,)).start()
        self.send_response(202)
        self.end_headers()
        self.wfile.write(b"{}")

    def work(self, job):
        # job["key"] is the same should the job come twice: do at once what must not be done again.
        post(job["answer"], getattr(handlers, job["fn"])(**job["inputs"]))

    def log_message(self, *_):
        pass
