"""A connection by e-mail address and password: the password is nowhere, the refresh token in the keychain only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from parts.desk import Desk
from qa_player.demo.server import DemoServer
from qa_player.errors import KeyRefusedError
from qa_player.model.secret import Secret


async def log_in(desk: Desk, server: DemoServer, *, password: str | None = None) -> None:
    (offered,) = server.logins
    await desk.connections.add(
        name="acme",
        provider="oshara",
        base_url=offered.base_url,
        options=offered.options,
        key=Secret(password or offered.key),
    )


def kept(desk: Desk) -> list[str]:
    return [secret.reveal() for secret in desk.keychain._secrets.values()]


async def test_only_the_refresh_token_is_kept(
    desk: Desk, server: DemoServer, make_desk: Callable[..., Awaitable[Desk]]
) -> None:
    await log_in(desk, server)
    password = server.logins[0].key
    (first,) = kept(desk)
    assert first.count(".") == 2
    await desk.library.refresh("acme")
    assert kept(desk) == [first], "an access token that lives is used"
    server.api.login.end_access()
    assert (await desk.library.refresh("acme")).count == 2
    (second,) = kept(desk)
    assert second != first, "what it rotates to is kept"
    later = await make_desk()
    assert (await later.library.refresh("acme")).count == 2, "another process goes on with it"
    (third,) = kept(desk)
    server.api.login.end_access()
    assert (await desk.library.refresh("acme")).errors == (), "and this one with what that one kept"
    files = b"".join(path.read_bytes() for path in desk.home.folder.rglob("*") if path.is_file())
    for secret in (password, first, second, third):
        assert secret.encode() not in files
    assert password not in kept(desk)


async def test_a_wrong_password_keeps_nothing_but_the_trail_of_its_refusal(desk: Desk, server: DemoServer) -> None:
    with pytest.raises(KeyRefusedError, match="password"):
        await log_in(desk, server, password="wrong")
    assert await desk.connections.all() == ()
    assert kept(desk) == []
    assert [event.action for event in await desk.audit.show()] == ["connection.refused"]


async def test_removing_takes_the_token_along(desk: Desk, server: DemoServer) -> None:
    await log_in(desk, server)
    living = await desk.connections.provider("acme")
    await desk.connections.remove("acme")
    server.api.login.end_access()
    await living.check()
    assert kept(desk) == [], "a renewal that was under way puts nothing back"


async def test_a_login_that_has_ended_is_a_refused_key(desk: Desk, server: DemoServer) -> None:
    await log_in(desk, server)
    server.api.login.end()
    with pytest.raises(KeyRefusedError, match="has ended"):
        await desk.connections.check("acme")
    assert (await desk.events("connection.refused"))[0].connection == "acme"
