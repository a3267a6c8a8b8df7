"""Only the carrier gets in (W1), and only over an encrypted line from outside (W4)."""

from __future__ import annotations

import random
import urllib.parse
from datetime import timedelta

import pytest

from parts.switchboard import TOKEN, Switchboard, signed
from qa_player.errors import UsageError
from qa_player.live.place import Listening, Outside
from qa_player.model.live import Invitation

IN, OUT = 101, 403
HARD = [pytest.param(500), pytest.param(10_000, marks=[pytest.mark.nightly, pytest.mark.timeout(900)])]


def flipped(text: str, chance: random.Random) -> str:
    """``text`` with one bit of one character changed, to another printable character."""
    while True:
        at = chance.randrange(len(text))
        other = chr(ord(text[at]) ^ (1 << chance.randrange(7)))
        if other.isalnum() and other != text[at]:
            return text[:at] + other + text[at + 1 :]


async def let_in(board: Switchboard, invitation: Invitation, headers: dict[str, str], **options: object) -> bool:
    return await board.knock(invitation.service_url, headers, **options) == IN  # type: ignore[arg-type]


class Forger:
    """Handshakes that are wrong in one thing each; ``forged`` picks the next kind."""

    def __init__(self, board: Switchboard, waiting: dict[str, Invitation], used: Invitation, good: dict[str, str]):
        self.board, self.waiting, self.used, self.good = board, waiting, used, good
        self.chance = random.Random(42)
        self.kinds = [getattr(self, name) for name in dir(self) if name.startswith("with_")]

    def forged(self, number: int) -> tuple[str, dict[str, str]]:
        name = self.chance.choice(("vobiz", "plivo"))
        address = self.waiting[name].service_url
        return self.kinds[number % len(self.kinds)](name, address, signed(address, name))  # type: ignore[no-any-return]

    def with_no_signature(self, name: str, address: str, headers: dict[str, str]):
        return address, {}

    def with_another_signature(self, name: str, address: str, headers: dict[str, str]):
        signature, _ = headers
        return address, headers | {signature: flipped(headers[signature], self.chance)}

    def with_another_nonce(self, name: str, address: str, headers: dict[str, str]):
        _, nonce = headers
        return address, headers | {nonce: flipped(headers[nonce], self.chance)}

    def with_no_nonce(self, name: str, address: str, headers: dict[str, str]):
        return address, headers | {list(headers)[1]: ""}

    def with_another_token(self, name: str, address: str, headers: dict[str, str]):
        other = address[:-22] + flipped(address[-22:], self.chance)
        return other, self.chance.choice((headers, signed(other, name)))

    def with_another_key(self, name: str, address: str, headers: dict[str, str]):
        return address, signed(address, name, token=flipped(TOKEN, self.chance))

    def with_what_was_let_in_before(self, name: str, address: str, headers: dict[str, str]):
        return self.used.service_url, self.good

    def with_a_used_token(self, name: str, address: str, headers: dict[str, str]):
        return self.used.service_url, signed(self.used.service_url)

    def with_an_origin(self, name: str, address: str, headers: dict[str, str]):
        return address, headers | {"Origin": self.chance.choice(("https://calls.example", "null", ""))}

    def with_another_host(self, name: str, address: str, headers: dict[str, str]):
        return address, headers | {"Host": self.chance.choice(("attacker.example", "attacker.example:80", ""))}

    def with_the_other_carriers_signature(self, name: str, address: str, headers: dict[str, str]):
        return address, signed(address, "plivo" if name == "vobiz" else "vobiz")

    def with_the_callbacks_token(self, name: str, address: str, headers: dict[str, str]):
        other = self.waiting[name].status_callback_url.replace("http", "ws").removesuffix("/status")
        return other, signed(other, name)


@pytest.mark.parametrize("count", HARD)
async def test_of_forged_and_replayed_handshakes_none_is_let_in(board: Switchboard, count: int) -> None:
    used = await board.expect("call-used")
    good = signed(used.service_url)
    assert await let_in(board, used, good)
    waiting = {name: await board.expect(f"call-{name}", name) for name in ("vobiz", "plivo")}
    forger = Forger(board, waiting, used, good)
    answers = [await board.knock(*forger.forged(number)) for number in range(count)]
    assert set(answers) == {OUT}
    # the control: those that were forged are let in when they are not
    for name, invitation in waiting.items():
        assert await let_in(board, invitation, signed(invitation.service_url, name))


async def test_every_single_bit_of_signature_and_nonce_counts(board: Switchboard) -> None:
    invitation = await board.expect("call-1")
    headers = signed(invitation.service_url)
    for header, value in headers.items():
        for at in range(len(value)):
            other = chr(ord(value[at]) ^ 1)
            if not other.isprintable() or other in " ,":
                continue
            changed = {**headers, header: value[:at] + other + value[at + 1 :]}
            assert not await let_in(board, invitation, changed)
    assert await let_in(board, invitation, headers)


@pytest.mark.parametrize("provider", ["vobiz", "plivo"])
@pytest.mark.parametrize("scheme", ["ws", "http"])
async def test_the_address_may_be_signed_with_either_scheme(board: Switchboard, provider: str, scheme: str) -> None:
    invitation = await board.expect("call-1", provider)
    base = scheme + invitation.service_url.removeprefix("ws")
    assert await let_in(board, invitation, signed(base, provider))


async def test_signatures_of_main_and_sub_account_and_several_in_one_header(board: Switchboard) -> None:
    for number, form in enumerate(("pair", "main")):
        invitation = await board.expect(f"call-{number}", "plivo")
        headers = signed(invitation.service_url, "plivo")
        signature, nonce = headers
        if form == "pair":
            headers[signature] = f"{'A' * 43}=, {headers[signature]}"
        else:
            headers = {"X-Plivo-Signature-Ma-V3": headers[signature], nonce: headers[nonce]}
        assert await let_in(board, invitation, headers)


async def test_plivo_covers_the_query_in_its_order_and_vobiz_leaves_it_out(board: Switchboard) -> None:
    plivo = await board.expect("call-1", "plivo")
    told = urllib.parse.urlencode({"b": "2", "a": "1"})
    assert await board.knock(f"{plivo.service_url}?{told}", signed(f"{plivo.service_url}?b=2&a=1", "plivo")) == OUT
    assert await board.knock(f"{plivo.service_url}?{told}", signed(f"{plivo.service_url}?a=1&b=2", "plivo")) == IN
    vobiz = await board.expect("call-2", "vobiz")
    assert await board.knock(f"{vobiz.service_url}?{told}", signed(vobiz.service_url)) == IN


async def test_a_nonce_is_good_once_even_for_another_call(board: Switchboard) -> None:
    first, second = await board.expect("call-1"), await board.expect("call-2")
    assert await let_in(board, first, signed(first.service_url, nonce="0123456789"))
    assert not await let_in(board, second, signed(second.service_url, nonce="0123456789"))
    assert await let_in(board, second, signed(second.service_url))


async def test_an_expectation_ends_after_five_minutes(board: Switchboard) -> None:
    late = await board.expect("call-1")
    clock = board.desk.trail.now
    clock.now += timedelta(minutes=5, seconds=1)  # type: ignore[attr-defined]
    assert not await let_in(board, late, signed(late.service_url))
    fresh = await board.expect("call-2")
    assert await let_in(board, fresh, signed(fresh.service_url))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-WebSocket-Version": "8"},
        {"Upgrade": "h2c"},
        {"Connection": "close"},
        {"Sec-WebSocket-Key": "short"},
        {"Content-Length": "5"},
        {"Transfer-Encoding": "chunked"},
        {"X-Two ": "x"},
    ],
)
async def test_what_is_no_upgrade_uses_no_token_up(board: Switchboard, headers: dict[str, str]) -> None:
    invitation = await board.expect("call-1")
    assert await board.knock(invitation.service_url, {**signed(invitation.service_url), **headers}) == OUT
    assert await let_in(board, invitation, signed(invitation.service_url))


async def test_after_the_connection_is_gone_nobody_is_let_in(board: Switchboard) -> None:
    invitation = await board.expect("call-1")
    await board.desk.connections.remove("vobiz")
    assert not await let_in(board, invitation, signed(invitation.service_url))


def test_away_from_this_machine_a_plain_line_is_refused() -> None:
    for place in ("0.0.0.0:8000", "192.168.1.5:8000", "[::]:8000", "calls.example.org:443"):
        with pytest.raises(UsageError, match="encrypted"):
            Listening.at(place).allows(encrypted=False)
        Listening.at(place).allows(encrypted=True)
    for place in ("127.0.0.1:0", "[::1]:8000", "localhost:80"):
        Listening.at(place).allows(encrypted=False)
    for place in ("", "8000", "127.0.0.1", "127.0.0.1:70000", "a b:1", "127.0.0.1:1\r\n"):
        with pytest.raises(UsageError):
            Listening.at(place.replace("\r\n", "\x00"))


def test_a_public_address_is_encrypted_and_plain() -> None:
    assert Outside.named("wss://Calls.example.org:443/qa/").hosts == {"calls.example.org", "calls.example.org:443"}
    for address in (
        "http://calls.example.org",
        "ws://calls.example.org",
        "https://user@calls.example.org",
        "https://calls.example.org/?a=1",
        "ftp://calls.example.org",
        "https://",
        "calls.example.org",
        "https://calls.example.org:99999",
    ):
        with pytest.raises(UsageError):
            Outside.named(address)


async def test_the_relay_is_one_and_off_until_it_is_started(board: Switchboard) -> None:
    from qa_player.errors import NotReadyError

    with pytest.raises(UsageError, match="runs already"):
        await board.desk.live.serve()
    await board.desk.live.stop_serving()
    with pytest.raises(NotReadyError):
        await board.expect("call-1")
    await board.desk.live.serve()
