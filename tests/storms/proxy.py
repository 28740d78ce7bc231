"""A way to a server that can be cut: at once, or between a request and its answer, which nobody then hears."""

import socket
import threading
from contextlib import closing, contextmanager, suppress
from time import sleep


class Link:
    """One connection through the proxy. ``armed``: the next request is let through, and its answer is not."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.armed = self.asked = False

    def cut(self):
        for end in (self.client, self.server):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Listens on a port of its own, and passes everything on to a server's."""

    def __init__(self, host, port):
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port = self._listener.getsockname()[1]
        self._links = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, random, *, unanswered):
        """Cut one connection; ``unanswered``: once it has forwarded a request. Returns whether there was one."""
        links = [link for link in list(self._links) if not link.armed]
        if not links:
            return False
        link = random.choice(links)
        if unanswered:
            link.armed = True
        else:
            link.cut()
        return True

    def close(self):
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for link in list(self._links):
            link.cut()
        while self._links:
            sleep(0.01)

    def _accept(self):
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    client.close()  # it is being restarted
                    continue
                for end in (client, server):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                link = Link(client, server)
                self._links.add(link)
                threading.Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link):
        answers = threading.Thread(target=self._answers, args=(link,), daemon=True)
        answers.start()
        self._requests(link)
        answers.join()
        self._links.discard(link)
        link.client.close()
        link.server.close()

    def _requests(self, link):
        with suppress(OSError):
            while words := link.client.recv(65_536):
                # Before it is sent, for the answer may be here at once.
                link.asked = link.armed
                link.server.sendall(words)
        link.cut()

    def _answers(self, link):
        with suppress(OSError):
            while words := link.server.recv(65_536):
                if link.asked:
                    break  # it was done, and the one who asked does not hear of it
                link.client.sendall(words)
        link.cut()


@contextmanager
def a_proxy(host, port):
    with closing(Proxy(host, port)) as proxy:
        yield proxy
