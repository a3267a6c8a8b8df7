"""The control of every test that stands on the lying server: each lie is really told, byte for byte on the wire."""

from __future__ import annotations

import asyncio

import pytest

from parts import lying_server as lies
from parts.histories import destroyed
from parts.lying_server import Exchange, Lie, LyingServer

_ENDLESS = ("stall", "silence", "drip")

LIES: list[tuple[Lie, object]] = [
    (lies.cut(1_000), lambda e: len(e.body) == 1_000 and b"Content-Length: 90000" in e.head),
    (lies.reset(1_000), lambda e: len(e.body) == 1_000 and b"Content-Length: 90000" in e.head),
    (lies.stall(1_000), lambda e: len(e.body) == 1_000),
    (lies.drip(1_000), lambda e: 1_000 < len(e.body) < 1_200),
    (lies.silence(), lambda e: e.head == b""),
    (lies.whole(), lambda e: e.status == 200 and len(e.body) == 100_000),
    (lies.part(shift=-1), lambda e: b"bytes 9999-99999/100000" in e.head and len(e.body) == 90_001),
    (lies.part(shift=1), lambda e: b"bytes 10001-99999/100000" in e.head),
    (lies.part(grow=-5), lambda e: b"bytes 10000-99994/100000" in e.head and len(e.body) == 89_995),
    (lies.part(total=7), lambda e: b"/100007" in e.head and len(e.body) == 90_000),
    (lies.length(-9), lambda e: b"Content-Length: 99991" in e.head and len(e.body) == 100_000),
    (lies.length(9), lambda e: b"Content-Length: 100009" in e.head and len(e.body) == 100_000),
    (lies.length(None), lambda e: b"Content-Length" not in e.head and len(e.body) == 66_666),
    (lies.chunked(ends=False), lambda e: b"chunked" in e.head and not e.body.endswith(b"0\r\n\r\n")),
    (lies.zipped(), lambda e: e.body.startswith(b"\x1f\x8b")),
    (lies.multipart(), lambda e: e.status == 206 and b"\r\nContent-Range" not in e.head),
    (lies.page(403, b"<xml/>"), lambda e: e.status == 403 and e.body == b"<xml/>"),
    (lies.replaced(b"new" * 9, '"v2"'), lambda e: e.body == b"new" * 9 and b'ETag: "v2"' in e.head),
    (
        lies.swapped(b"new" * 9_000, '"v2"'),
        lambda e: e.status == 206 and b'ETag: "v2"' in e.head and len(e.body) == 17_000,
    ),
    (
        lies.page(302, Location="http://169.254.169.254/"),
        lambda e: e.status == 302 and b"Location: http://169" in e.head,
    ),
    (lies.expired(), lambda e: e.status == 403),
    (lies.honest(), lambda e: e.status == 206 and e.body == b"\x07" * 90_000),
]


@pytest.mark.parametrize(("lie", "seen"), LIES)
async def test_each_lie_is_on_the_wire(lie: Lie, seen: object) -> None:
    assert callable(seen)
    async with LyingServer(b"\x07" * 100_000, [lie]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        validator = 'If-Range: "v1"\r\n' if lie.__qualname__.startswith(("replaced", "swapped")) else ""
        writer.write(f"GET {server.sign()} HTTP/1.1\r\nRange: bytes=10000-\r\n{validator}\r\n".encode())
        try:
            async with asyncio.timeout(0.2 if lie.__qualname__.startswith(_ENDLESS) else 10):
                received = await reader.read(-1)
        except (TimeoutError, ConnectionError):
            received = b""
        writer.close()
        (exchange,) = server.exchanges
        assert seen(exchange)
        if received:
            assert received == exchange.head + exchange.body


def _said(lie: str, status: int, start: int, *, misstates: int = 0) -> Exchange:
    exchange = Exchange("GET", "/", {"range": f"bytes={start}-"}, status, lie=lie, misstates=misstates)
    assert exchange.asked == (start, None)
    return exchange


def test_what_lies_may_cost_is_what_they_made_worthless() -> None:
    before = _said("cut", 206, 0)
    for exchange, count, cost in [
        (_said("truth", 206, 600), 400, 0),
        (_said("reset", 206, 600), 100, 0),
        (_said("page", 503, 600), 70, 70),
        (_said("whole", 200, 600), 1_000, 600),
        (_said("part", 206, 600), 3, 3),
        (_said("part", 206, 600, misstates=1), 3, 603),
        (_said("replaced", 200, 600), 900, 1_500),
        (_said("chunked", 200, 600), 1_000, 1_600),
    ]:
        assert destroyed([before, exchange], [600, count], 1_000) == cost, exchange.lie
