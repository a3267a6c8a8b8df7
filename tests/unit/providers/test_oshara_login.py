"""Oshara by e-mail address and password: what is kept, when it is renewed, and what a login that ended says."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parts.clock import StillClock
from parts.loop import Loop
from parts.raw_server import Site, as_json
from qa_player.demo.oshara_login import LOGIN, REFRESH
from qa_player.demo.server import DemoServer
from qa_player.errors import KeyRefusedError, QaPlayerError, UnexpectedAnswerError
from qa_player.model.connection import Connection
from qa_player.model.secret import Secret
from qa_player.providers.base import SessionQuery
from qa_player.providers.http import Http
from qa_player.providers.vendors.oshara import PROVIDER, Oshara


@dataclass
class Place:
    """The keychain's entry of one connection; ``after`` happens once somebody has looked."""

    key: Secret
    kept: list[Secret] = field(default_factory=list)
    other: Secret | None = None

    async def current(self) -> Secret:
        key, self.key, self.other = self.key, self.other or self.key, None
        return key

    async def replace(self, key: Secret) -> None:
        self.key = key
        self.kept.append(key)


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server
    assert server.bugs == ()


def connected(server: DemoServer) -> tuple[Connection, Secret]:
    (offered,) = server.logins
    described = Connection(
        name="here",
        provider="oshara",
        base_url=offered.base_url,
        options=dict(offered.options),
        created_at=datetime(2026, 11, 20, tzinfo=UTC),
    )
    return described, Secret(offered.key)


async def logged_in(server: DemoServer, http: Http) -> tuple[Oshara, Place]:
    assert PROVIDER.keeps is not None
    described, password = connected(server)
    place = Place(await PROVIDER.keeps(described, password, http))
    oshara = Oshara(described, place.key, http)
    oshara.keep_key_in(place)
    return oshara, place


def asked(server: DemoServer, path: str) -> int:
    return sum(logged.path == path for logged in server.log)


async def listed(oshara: Oshara) -> int:
    return len((await oshara.list_sessions(SessionQuery(), None, 5)).sessions)


async def test_a_password_becomes_a_refresh_token_and_is_never_sent_again(server: DemoServer, http: Http) -> None:
    oshara, place = await logged_in(server, http)
    _, password = connected(server)
    assert place.key != password
    assert await listed(oshara) == await listed(oshara) == 5
    assert (asked(server, LOGIN), asked(server, REFRESH)) == (1, 1), "one access token serves both"
    assert all("x-api-key" not in logged.header_names for logged in server.log)
    await oshara.aclose()


async def test_what_it_rotates_to_is_kept_each_time(server: DemoServer, http: Http) -> None:
    oshara, place = await logged_in(server, http)
    first = place.key
    for _ in range(3):
        server.api.login.end_access()
        assert await listed(oshara) == 5
    assert len({secret.reveal() for secret in (first, *place.kept)}) == 4
    server.api.login.rotates = False
    server.api.login.end_access()
    assert await listed(oshara) == 5
    assert len(place.kept) == 3, "where nothing rotates, nothing is written"
    await oshara.aclose()


async def test_it_is_renewed_before_it_dies(server: DemoServer, http: Http, clock: StillClock) -> None:
    server.api.login.access_s = 600
    oshara, _ = await logged_in(server, http)
    await listed(oshara)
    clock.pass_s(500)
    await listed(oshara)
    assert asked(server, REFRESH) == 1
    clock.pass_s(60)
    await listed(oshara)
    assert asked(server, REFRESH) == 2, "a minute before its end"
    assert all(logged.status == 200 for logged in server.log), "no request was ever refused"
    await oshara.aclose()


async def test_a_refusal_renews_once_and_no_more(server: DemoServer, http: Http) -> None:
    oshara, _ = await logged_in(server, http)
    await listed(oshara)
    server.api_faults.status = 401
    with pytest.raises(KeyRefusedError):
        await listed(oshara)
    assert asked(server, REFRESH) == 2
    server.api_faults.status = None
    assert await listed(oshara) == 5
    await oshara.aclose()


async def test_a_login_that_has_ended_says_what_to_do(server: DemoServer, http: Http) -> None:
    oshara, place = await logged_in(server, http)
    await listed(oshara)
    server.api.login.end()
    with pytest.raises(KeyRefusedError, match="login at Oshara has ended") as raised:
        await listed(oshara)
    assert raised.value.exit_status == 3
    assert "add it again with the password" in raised.value.next_step
    assert place.key.reveal() not in str(raised.value)
    await oshara.aclose()


async def test_another_process_that_was_quicker_is_no_trouble(server: DemoServer, http: Http) -> None:
    """Between our look at the keychain and our question the other one has used the token up and kept the next."""
    oshara, place = await logged_in(server, http)
    other, theirs = await logged_in(server, http)
    used_up = theirs.key
    await listed(other)
    place.key, place.other = used_up, theirs.key
    assert await listed(oshara) == 5
    assert (await place.current()) == place.kept[-1]
    await oshara.aclose()
    await other.aclose()


async def test_a_wrong_password_is_told_as_one(server: DemoServer, http: Http) -> None:
    assert PROVIDER.keeps is not None
    described, password = connected(server)
    for email, typed in ((server.api.login.email, "wrong"), ("nobody@acme.example", password.reveal())):
        with pytest.raises(KeyRefusedError, match="e-mail address and password") as raised:
            await PROVIDER.keeps(described.model_copy(update={"options": {"email": email}}), Secret(typed), http)
        assert typed not in str(raised.value)
    without = described.model_copy(update={"options": {}})
    assert await PROVIDER.keeps(without, Secret("sk_x"), http) == Secret("sk_x"), "an API key is kept as it is"


async def test_an_address_without_a_login_is_told_as_one(site: Site, http: Http, connection: Connection) -> None:
    assert PROVIDER.keeps is not None
    described = connection.model_copy(update={"options": {"email": "a@b.example"}})
    site.says = lambda asked: as_json({"detail": "nothing here"}, 404)
    with pytest.raises(UnexpectedAnswerError, match="no Oshara login"):
        await PROVIDER.keeps(described, Secret("pw"), http)


ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.dictionaries(st.sampled_from(["access", "refresh", "data", "success", "x"]), inner, max_size=4)
        | st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(answer=ANSWERS, status=st.sampled_from([200, 200, 200, 400, 401, 403, 404]))
def test_whatever_a_login_answers_only_our_errors_come_out(
    loop: Loop, site: Site, http: Http, connection: Connection, answer: object, status: int
) -> None:
    described = connection.model_copy(update={"options": {"email": "a@b.example"}})
    site.says = lambda asked: as_json(answer, status)

    async def all_of_it() -> None:
        assert PROVIDER.keeps is not None
        refresh = await PROVIDER.keeps(described, Secret("pw"), http)
        assert refresh
        await Oshara(described, refresh, http).check()

    with contextlib.suppress(QaPlayerError):
        loop.run(all_of_it())
