"""No key and no signature leaves the door: not in a log record of any level, not in an error or what hangs on it."""

from __future__ import annotations

import asyncio
import gc
import logging
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from parts.loop import Loop
from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import QaPlayerError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.http import Http
from qa_player.providers.retry import Patience
from qa_player.providers.vendors.oshara import Oshara

KEY = "sk_canary-7Zq/+=4f1e"
SIGNATURE = "canary0signature"
NAMES = ("httpx", "httpcore", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "asyncio", "anyio", "")


class Ear(logging.Handler):
    """Hears everything, down to DEBUG, and keeps it as text."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.name} {record.getMessage()} {record.args!r} {record.exc_info!r}")


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in NAMES}
    logging.getLogger().addHandler(ear)
    for name in NAMES:
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).propagate = True
    yield ear
    logging.getLogger().removeHandler(ear)
    for name, (level, propagate) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate


def debugged() -> None:
    """The loop tells all it can, save how long things took on a busy machine."""
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = 3_600.0


def told(error: BaseException) -> str:
    """Everything a log, a crash report or a debugger's one-line view would show of ``error``."""
    texts: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        texts += [str(link), repr(link), repr(link.args), repr(vars(link))]
        texts += traceback.TracebackException.from_exception(link, capture_locals=True).format()
        waiting += [link.__cause__, link.__context__]
    return "\n".join(texts)


def foreign(error: BaseException) -> list[str]:
    """The exceptions of other libraries that hang on ``error``."""
    found = []
    link: BaseException | None = error
    while link is not None:
        found.append(type(link).__module__)
        link = link.__cause__ or link.__context__
    return [module for module in found if module.partition(".")[0] in ("httpx", "httpcore", "h11", "anyio", "ssl")]


TROUBLE: dict[str, Callable[[Asked], bytes]] = {
    "401": lambda asked: answer(401, f"key {KEY} is wrong".encode()),
    "500": lambda asked: answer(500),
    "nothing": lambda asked: b"",
    "no http": lambda asked: b"nonsense\r\n\r\n",
    "cut": lambda asked: b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "page": lambda asked: answer(200, f"<a href='{asked.target}'>".encode()),
    "away": lambda asked: answer(302, b"", Location=f"http://far.invalid/?X-Amz-Signature={SIGNATURE}"),
    "bad place": lambda asked: answer(302, b"", Location=f"https://[{SIGNATURE}"),
    "not json": lambda asked: answer(200, b'{"data": '),
    "stored": lambda asked: as_json(
        {
            "data": {
                "session_id": "s",
                "recording_status": "READY",
                "recording_presigned_url": f"s3://b?Signature={SIGNATURE}",
            }
        }
    ),
    "lives nowhere": lambda asked: as_json(
        {
            "data": {
                "session_id": "s",
                "recording_status": "READY",
                "recording_presigned_url": f"https://nobody.invalid/a?X-Amz-Signature={SIGNATURE}",
            }
        }
    ),
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_nothing_is_told(loop: Loop, site: Site, ear: Ear, trouble: str) -> None:
    connection = Connection(
        name="here", provider="oshara", base_url=site.url, created_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    site.says = TROUBLE[trouble]

    async def ask() -> BaseException:
        debugged()
        http = Http(proxy="off", patience=Patience(attempts=1))
        try:
            oshara = Oshara(connection, Secret(KEY), http)
            door = await oshara.recording("s", "recording")
            await door.read(0, 1, None)
        except QaPlayerError as error:
            return error
        finally:
            await http.aclose()
        raise AssertionError("this was to fail")

    error = loop.run(ask())
    gc.collect()
    assert site.asked[0].headers["x-api-key"] == KEY
    everything = told(error) + "\n".join(ear.heard)
    assert KEY not in everything
    assert SIGNATURE not in everything
    assert foreign(error) == []


def test_what_works_tells_nothing_either(loop: Loop, site: Site, other: Site, ear: Ear) -> None:
    address = f"{other.url}/canary-path?X-Amz-Signature={SIGNATURE}"
    site.says = lambda asked: as_json(
        {"data": {"session_id": "s", "recording_status": "READY", "recording_presigned_url": address}}
    )
    connection = Connection(
        name="here", provider="oshara", base_url=site.url, created_at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    kept: list[object] = []

    async def ask() -> None:
        debugged()
        http = Http(proxy="off")
        oshara = Oshara(connection, Secret(KEY), http)
        detail = await oshara.detail("s")
        door = await oshara.recording("s", "recording")
        answered = await door.read(0, 1, None)
        kept.extend([detail, door, answered, vars(door), oshara._offers, http, detail.raw])
        await answered.aclose()
        await http.aclose()

    loop.run(ask())
    assert SIGNATURE in other.asked[0].target
    everything = repr(kept) + "\n".join(ear.heard)
    for canary in (KEY, SIGNATURE, "canary-path"):
        assert canary not in everything


def test_the_control_a_plain_request_tells_it_all(loop: Loop, site: Site, ear: Ear) -> None:
    """The same ear hears httpx on its own: without our door both canaries are there to be found."""

    async def ask() -> BaseException:
        site.says = lambda asked: answer(401)
        async with httpx.AsyncClient(trust_env=False) as client:
            response = await client.get(f"{site.url}/?X-Amz-Signature={SIGNATURE}", headers={"X-API-Key": KEY})
        try:
            response.raise_for_status()
        except httpx.HTTPStatusError as error:
            return error
        raise AssertionError("this was to fail")

    error = loop.run(ask())
    assert SIGNATURE in "\n".join(ear.heard)
    assert SIGNATURE in told(error)
    assert foreign(error) == ["httpx"]
