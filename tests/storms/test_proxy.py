"""What the cutting proxy cuts, and what it lets through."""

import socket
import threading
from contextlib import closing
from random import Random

import pytest

from tests.storms.proxy import a_proxy


@pytest.fixture
def heard():
    """What a server was asked that answers each request with itself; and its port."""
    asked = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve():
            connection, _ = listener.accept()
            with closing(connection):
                while words := connection.recv(100):
                    asked.append(words)
                    connection.sendall(words)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        yield asked, listener.getsockname()[1], server


@pytest.mark.parametrize("unanswered", [False, True])
def test_a_request_is_heard_and_its_answer_is_not_or_neither(heard, unanswered):
    asked, port, server = heard
    with (
        a_proxy("127.0.0.1", port) as proxy,
        closing(socket.create_connection(("127.0.0.1", proxy.port), timeout=60)) as client,
    ):
        client.sendall(b"first")
        assert client.recv(100) == b"first"
        assert proxy.cut(Random(0), unanswered=unanswered)
        if unanswered:
            client.sendall(b"second")
        assert client.recv(100) == b""
        server.join(60)
    assert asked == [b"first", b"second"] if unanswered else asked == [b"first"]
