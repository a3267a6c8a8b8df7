"""HTTP/1.1 on loopback: one handler for every stand-in, which also does the faults and keeps the log of requests."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from qa_player.demo.faults import Faults, wrongly_typed

PORTAL = b"<!DOCTYPE html><html><head><title>Guest network</title></head><body>Please sign in.</body></html>"
PIECE = 16_384


@dataclass(frozen=True)
class Asked:
    """A request: ``query`` has the last value of each name; ``headers`` lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Told:
    """An answer. ``mime`` is its content type."""

    status: int
    body: bytes
    mime: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Logged:
    """One request as tests read it: never its query, and of its key only whether it was there."""

    origin: str
    method: str
    path: str
    status: int
    header_names: frozenset[str]
    range: str | None
    at: float


class Origin:
    """One loopback origin: a port of its own, a thread per line, faults, and a log.

    ``failure`` is how it says no with a status. ``bugs`` holds what went wrong in the stand-in itself.
    """

    def __init__(self, name: str, answer: Callable[[Asked], Told], failure: Callable[[int], Told]) -> None:
        self.name = name
        self.faults = Faults()
        self.log: list[Logged] = []
        self.bugs: list[Exception] = []
        self._answer = answer
        self._failure = failure
        self._stopping = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name=f"demo {name}")

    @property
    def address(self) -> str:
        """Its base address, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every line; returns when all threads have ended."""
        self._stopping.set()
        self._server.shutdown()
        self._server.close_lines()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: Asked) -> Told:
        """The answer, after what the faults make of it."""
        faults = self.faults
        self._stopping.wait(faults.latency_s)
        status = faults.taken_status()
        if status is not None:
            told = self._failure(status)
            return replace(told, headers={"Retry-After": faults.retry_after}) if faults.retry_after else told
        if faults.captive_portal:
            return Told(200, PORTAL, "text/html; charset=utf-8")
        try:
            told = self._answer(asked)
        except Exception as bug:
            self.bugs.append(bug)
            return self._failure(500)
        if faults.wrong_types and told.status == 200 and told.mime == "application/json":
            return replace(told, body=wrongly_typed(told.body))
        if faults.replace_body is not None and told.status in (200, 206):
            return Told(200, faults.replace_body, told.mime)
        return told

    def send(self, line: socket.socket, body: bytes, *, chunked: bool) -> bool:
        """The body down the line, as the faults will have it; false when the line is to be closed."""
        faults, cut = self.faults, self.faults.taken_cut()
        sent = 0
        size = PIECE if faults.bytes_per_second is None else max(1, min(PIECE, faults.bytes_per_second // 20))
        for start in range(0, len(body), size):
            piece = body[start : start + size]
            if cut is not None and sent + len(piece) > cut:
                line.sendall(_framed(piece[: cut - sent], chunked=chunked) if cut > sent else b"")
                return False
            if faults.stall_after is not None and sent >= faults.stall_after:
                self._stopping.wait(faults.stall_s)
                return False
            line.sendall(_framed(piece, chunked=chunked))
            sent += len(piece)
            if faults.bytes_per_second:
                self._stopping.wait(len(piece) / faults.bytes_per_second)
            if self._stopping.is_set():
                return False
        if chunked:
            line.sendall(b"0\r\n\r\n")
        return True


def _framed(piece: bytes, *, chunked: bool) -> bytes:
    return b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece


class _Server(ThreadingHTTPServer):
    """Remembers its lines, so that stopping does not wait for clients that keep theirs open."""

    daemon_threads = False
    request_queue_size = 64

    def __init__(self, place: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(place, handler)
        self._lines: set[socket.socket] = set()
        self._guard = threading.Lock()

    def get_request(self) -> tuple[socket.socket, object]:
        line, peer = super().get_request()
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._guard:
            self._lines.add(line)
        return line, peer

    def shutdown_request(self, request: object) -> None:
        with self._guard:
            self._lines.discard(request)
        super().shutdown_request(request)  # type: ignore[arg-type]

    def close_lines(self) -> None:
        with self._guard:
            lines = list(self._lines)
        for line in lines:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: object, client_address: object) -> None:
        """A line that broke is the client's business; nothing is printed."""


def _handler(origin: Origin) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Addresses are secrets, also in a demo."""

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            query = dict(parse_qsl(parts.query, keep_blank_values=True))
            body = self.rfile.read(int(headers.get("content-length", "0") or "0"))
            asked = Asked(self.command, parts.path, query, headers, body)
            told = origin.answer(asked)
            origin.log.append(
                Logged(
                    origin.name,
                    asked.method,
                    asked.path,
                    told.status,
                    frozenset(headers),
                    headers.get("range"),
                    time.monotonic(),
                )
            )
            self._tell(told)

        def _tell(self, told: Told) -> None:
            chunked = origin.faults.no_length and self.command == "GET"
            self.send_response(told.status)
            self.send_header("Content-Type", told.mime)
            for name, value in told.headers.items():
                self.send_header(name, value)
            if chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            if self.command == "HEAD":
                return
            try:
                self.close_connection = not origin.send(self.connection, told.body, chunked=chunked)
            except OSError:
                self.close_connection = True

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    return Handler
