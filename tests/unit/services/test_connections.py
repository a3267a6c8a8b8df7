"""Adding, checking and removing connections: the key lies in the keychain and nowhere else, or nothing is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import (
    DiskFullError,
    KeychainError,
    KeyRefusedError,
    NetworkError,
    NotFoundError,
    QaPlayerError,
    UsageError,
)
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret


async def added(desk: Desk, server: DemoServer | None, **changes: object) -> Connection:
    fields: dict[str, object] = {"name": "acme", "provider": "oshara", "options": {}}
    if server is not None:
        offered = server.connections[0]
        fields |= {"base_url": offered.base_url, "key": Secret(offered.key)}
    return await desk.connections.add(**(fields | changes))


def kept(desk: Desk) -> dict[str, str]:
    return {entry: secret.reveal() for entry, secret in desk.keychain._secrets.items()}


async def test_a_connection_is_kept_with_its_key_in_the_keychain(desk: Desk, server: DemoServer) -> None:
    told = []
    desk.connections.connections_changed.connect(lambda: told.append("changed"))
    connection = await added(desk, server)
    assert await desk.connections.all() == (connection,)
    assert list(kept(desk).values()) == [server.connections[0].key]
    assert told == ["changed"]
    assert [event.action for event in await desk.audit.show()] == ["connection.added"]


async def test_a_wrong_key_leaves_nothing_but_the_trail_of_its_refusal(desk: Desk, server: DemoServer) -> None:
    with pytest.raises(KeyRefusedError):
        await added(desk, server, key=Secret("sk_wrong"))
    assert await desk.connections.all() == ()
    assert kept(desk) == {}
    assert [event.action for event in await desk.audit.show()] == ["connection.refused"]
    await added(desk, server)


async def test_the_key_is_in_no_file_of_the_home(desk: Desk, server: DemoServer) -> None:
    await added(desk, server)
    key = server.connections[0].key.encode()
    files = [path for path in desk.home.folder.rglob("*") if path.is_file()]
    assert desk.home.database in files
    assert not [path for path in files if key in path.read_bytes()]


async def test_what_the_network_does_is_no_reason_to_keep_anything(desk: Desk, server: DemoServer) -> None:
    server.api_faults.captive_portal = True
    with pytest.raises(NetworkError):
        await added(desk, server)
    assert (await desk.connections.all(), kept(desk)) == ((), {})


class Refusing:
    """A keychain that keeps nothing."""

    async def get(self, entry: str) -> Secret | None:
        return None

    async def set(self, entry: str, secret: Secret) -> None:
        raise KeychainError("The keychain is locked.", "Unlock it.", state="locked")

    async def delete(self, entry: str) -> None:
        return None


async def test_a_keychain_that_refuses_leaves_no_connection(desk: Desk, server: DemoServer) -> None:
    desk.connections._keychain = Refusing()
    with pytest.raises(KeychainError):
        await added(desk, server)
    assert await desk.connections.all() == ()


class Late:
    """A keychain that writes only when it is let."""

    def __init__(self, desk: Desk) -> None:
        self._keychain = desk.keychain
        self.asked = asyncio.Event()
        self.let = asyncio.Event()

    async def get(self, entry: str) -> Secret | None:
        return await self._keychain.get(entry)

    async def set(self, entry: str, secret: Secret) -> None:
        self.asked.set()
        await self.let.wait()
        await self._keychain.set(entry, secret)

    async def delete(self, entry: str) -> None:
        await self._keychain.delete(entry)


async def test_an_interrupt_leaves_no_key_without_its_connection(
    desk: Desk, server: DemoServer, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    desk.connections._keychain = late = Late(desk)
    adding = asyncio.create_task(added(desk, server))
    await late.asked.wait()
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    closing = asyncio.create_task(desk.connections.aclose())
    late.let.set()
    await closing
    assert len(kept(desk)) == len(await desk.connections.all()) == 1
    await (await make_desk()).connections.check("acme")


async def test_a_database_that_refuses_leaves_no_key(desk: Desk, server: DemoServer) -> None:
    write = desk.database.write
    full = DiskFullError("The disk is full; this was not saved.", "Free some space and try again.")

    async def refuse(work: object) -> None:
        raise full

    desk.database.write = refuse
    with pytest.raises(DiskFullError):
        await added(desk, server)
    desk.database.write = write
    assert (await desk.connections.all(), kept(desk)) == ((), {})


async def test_a_second_of_the_same_name_is_refused_and_the_first_stays(desk: Desk, server: DemoServer) -> None:
    first = await added(desk, server)
    with pytest.raises(UsageError, match="already a connection called “acme”"):
        await added(desk, server, key=Secret("sk_other"))
    assert await desk.connections.all() == (first,)
    await desk.connections.check("acme")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"provider": "nobody"}, "no provider called “nobody”"),
        ({"options": {"colour": "red"}}, "has no option “colour”"),
        ({"name": ""}, "name cannot be used"),
        ({"name": "a/b"}, "name cannot be used"),
        ({"name": "x" * 101}, "name cannot be used"),
        ({"base_url": "http://example.com"}, "not encrypted"),
        ({"base_url": "file:///etc/passwd"}, "not an https address"),
        ({"base_url": "x" * 3_000}, "cannot be used"),
        ({"key": Secret("")}, "key is empty"),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_asked(
    desk: Desk, server: DemoServer, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        await added(desk, server, **changes)
    assert (await desk.connections.all(), kept(desk), server.log) == ((), {}, ())


async def test_removing_takes_the_key_and_the_listing_and_leaves_annotations(connected: Desk) -> None:
    session = await connected.library.open("acme", "sess_000001")
    await connected.review.load(session)
    annotation = await connected.review.annotate(start_ms=0, tag="greeting")
    await connected.connections.remove("acme")
    assert kept(connected) == {}
    assert await connected.connections.all() == ()
    assert await connected.review.of_session("acme", "sess_000001") == (annotation,)
    with pytest.raises(NotFoundError):
        await connected.library.detail("acme", "sess_000001")
    assert (await connected.audit.verify()).consistent


async def test_a_key_that_was_taken_out_of_the_keychain_is_named(
    make_desk: Callable[..., Awaitable[Desk]], connected: Desk
) -> None:
    connected.keychain._secrets.clear()
    with pytest.raises(KeychainError, match="no longer in the keychain") as told:
        await (await make_desk()).connections.check("acme")
    assert told.value.state == "missing"


async def test_a_key_that_dies_is_told_by_check_and_recorded(connected: Desk, server: DemoServer) -> None:
    await connected.connections.check("acme")
    server.api.key_works = False
    with pytest.raises(KeyRefusedError):
        await connected.connections.check("acme")
    assert len(await connected.events("connection.refused")) == 1


async def test_what_is_not_there_cannot_be_checked_or_removed(desk: Desk) -> None:
    for act in (desk.connections.check, desk.connections.remove, desk.connections.provider):
        with pytest.raises(NotFoundError, match="no connection called “acme”"):
            await act("acme")


async def test_no_trouble_repeats_the_key_or_the_address(desk: Desk, server: DemoServer) -> None:
    troubles: list[QaPlayerError] = []
    for fault in faults(server):
        with pytest.raises(QaPlayerError) as told:
            await added(desk, server, key=Secret(server.connections[0].key + fault))
        troubles.append(told.value)
    assert len(troubles) == 4
    words = " ".join(f"{error} {error!r} {error.__cause__!r} {error.__context__!r}" for error in troubles)
    assert server.connections[0].key not in words
    assert server.connections[0].base_url not in words


def faults(server: DemoServer) -> Iterator[str]:
    """Makes the provider misbehave, one way after the other; yields what to add to the key."""
    yield "x"
    server.api_faults.status = 500
    yield ""
    server.api_faults.status = 403
    yield ""
    server.api_faults.status, server.api_faults.replace_body = None, b"{"
    yield ""


async def test_a_folder_needs_no_key_and_leaves_the_keychain_alone(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "call.wav").write_bytes(b"RIFF")
    desk.keychain._secrets["somebody else's"] = Secret("theirs")
    await added(desk, None, name="calls", provider="local", base_url=str(tmp_path), key=Secret(""))
    await desk.connections.check("calls")
    await desk.connections.remove("calls")
    assert kept(desk) == {"somebody else's": "theirs"}
    with pytest.raises(UsageError):
        await added(desk, None, name="calls", provider="local", base_url=None, key=Secret(""))


async def test_a_file_that_is_opened_brings_its_folder_once(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "march"
    folder.mkdir()
    for name in ("a.wav", "a.vtt", "notes.pdf"):
        (folder / name).write_bytes(b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Agent>Hello\n")
    connection, session_id = await desk.connections.holding(folder / "a.wav")
    assert (connection.name, connection.provider, session_id) == ("march", "local", "a.wav")
    assert (await desk.connections.holding(folder / "a.vtt")) == (connection, "a.wav")
    assert (await desk.connections.holding(folder)) == (connection, None)
    assert await desk.connections.all() == (connection,)
    detail = await desk.library.detail("march", "a.wav")
    assert [(turn.speaker, turn.text) for turn in detail.turns] == [("Agent", "Hello")]
    with pytest.raises(UsageError):
        await desk.connections.holding(folder / "notes.pdf")
    other = tmp_path / "other" / "march"
    other.mkdir(parents=True)
    assert (await desk.connections.holding(other))[0].name == "march 2"


async def test_a_path_that_leads_nowhere_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "notes.pdf").touch()
    for path, error in (("gone/a.wav", NotFoundError), ("notes.pdf", UsageError), ("b.wav", UsageError)):
        with pytest.raises(error):
            await desk.connections.holding(tmp_path / path)
    assert await desk.connections.all() == ()
