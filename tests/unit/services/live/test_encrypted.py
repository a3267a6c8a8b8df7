"""Away from this machine: TLS 1.2 and later, with a certificate that is good now (W4)."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parts.certificates import made
from parts.switchboard import UPGRADE, Switchboard, signed
from qa_player.errors import UsageError
from qa_player.live.certificate import Certificate

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


async def answered(board: Switchboard, address: str, context: ssl.SSLContext | None) -> bytes:
    """The first line that an upgrade gets, over TLS or plain; empty when the line is closed without one."""
    host, _, port = board.place.listening.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=context)
    headers = {"Host": board.place.listening, **UPGRADE, **signed(address)}
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    path = address.partition("//")[2].partition("/")[2]
    try:
        writer.write(f"GET /{path} HTTP/1.1\r\n{told}\r\n".encode())
        return await asyncio.wait_for(reader.readline(), 10)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_with_a_certificate_only_new_tls_is_spoken(board: Switchboard, tmp_path: Path) -> None:
    pem, key = made(tmp_path, begins=NOW - DAY, ends=NOW + 90 * DAY)
    await board.desk.live.stop_serving()
    board.place = await board.desk.live.serve(certificate=pem, key=key)
    assert board.place.public_url.startswith("https://")
    assert board.place.certificate_ends_at == NOW + 90 * DAY
    invitation = await board.expect("call-1")
    assert invitation.service_url.startswith("wss://")
    assert await answered(board, invitation.service_url, None) == b"", "plain"
    old = ssl.create_default_context(cafile=str(pem))
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await answered(board, invitation.service_url, old)
    good = ssl.create_default_context(cafile=str(pem))
    assert b" 101 " in await answered(board, invitation.service_url, good)


@pytest.mark.parametrize(("begins", "ends"), [(-90, -1), (1, 90)])
async def test_a_certificate_that_is_not_good_now_is_refused(tmp_path: Path, begins: int, ends: int) -> None:
    pem, key = made(tmp_path, begins=NOW + begins * DAY, ends=NOW + ends * DAY)
    with pytest.raises(UsageError, match="certificate"):
        Certificate.load(pem, key)


async def test_files_that_are_no_certificate_are_refused(board: Switchboard, tmp_path: Path) -> None:
    pem, key = made(tmp_path, begins=NOW - DAY, ends=NOW + DAY)
    assert Certificate.load(pem, key).ends_at == NOW + DAY
    for pair in ((key, key), (pem, pem), (tmp_path / "nowhere", key), (pem, tmp_path / "nowhere")):
        with pytest.raises(UsageError):
            Certificate.load(*pair)
    await board.desk.live.stop_serving()
    with pytest.raises(UsageError, match="key"):
        await board.desk.live.serve(certificate=pem)
    with pytest.raises(UsageError, match="encrypted"):
        await board.desk.live.serve("0.0.0.0:0")
    await board.desk.live.serve()
