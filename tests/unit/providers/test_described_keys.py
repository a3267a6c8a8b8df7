"""Every kind of credential: what goes along, where it goes and nowhere else, and how it is renewed."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qs

import pytest

from parts.described_api import Api, provider_of, text_of, told
from qa_player.demo.wire import Asked, Told
from qa_player.errors import KeyRefusedError, UnexpectedAnswerError, UsageError
from qa_player.providers.base import GivesRecording

OPTIONS = '[options.account]\nlabel = "Account"\nrequired = true\n'


@pytest.mark.parametrize(
    ("credential", "name", "value"),
    [
        ('kind = "bearer"', "authorization", "Bearer k-1"),
        ('kind = "header"\nheaders = { X-Api-Key = "{key}" }', "x-api-key", "k-1"),
        ('kind = "header"\nheaders = { A = "Token {key}", X-Account = "{account}" }', "x-account", "acc 7"),
        ('kind = "header"\nheaders = { A = "Token {key}", X-Account = "{account}" }', "a", "Token k-1"),
        (
            'kind = "basic"\nuser = "{account}"\npassword = "{key}"',
            "authorization",
            "Basic " + base64.b64encode(b"acc 7:k-1").decode(),
        ),
    ],
)
async def test_a_key_that_stays(credential: str, name: str, value: str) -> None:
    api = Api(lambda _: told(200, {"calls": []}))
    with api.running() as address:
        text = text_of(credential=f"{OPTIONS}[credential]\n{credential}\n")
        provider = provider_of(text, address, account="acc 7")
        await provider.check()
        await provider._http.aclose()
    assert api.asked[0].headers[name] == value


class Tokens:
    """Gives a token for the right secret and takes each only so often."""

    def __init__(self, *, uses: int, form: bool = False, rotating: bool = False) -> None:
        self.given = 0
        self.left = 0
        self.uses = uses
        self.form = form
        self.rotating = rotating
        self.secret = "k-1"

    def say(self, asked: Asked) -> Told:
        if asked.path == "/token":
            assert "authorization" not in asked.headers
            body = asked.body.decode()
            fields = {name: value[0] for name, value in parse_qs(body).items()} if self.form else json.loads(body)
            if fields != {"grant": "refresh", "secret": self.secret}:
                return told(400, {"error": "invalid_grant"})
            self.given, self.left = self.given + 1, self.uses
            if self.rotating:
                self.secret = f"r-{self.given}"
            return told(200, {"data": {"token": f"t-{self.given}", "life": 600, "refresh": self.secret}})
        if asked.headers.get("authorization") != f"Bearer t-{self.given}" or self.left == 0:
            return told(401, {})
        self.left -= 1
        return told(200, {"calls": []})


def exchange(kind: str, more: str = "") -> str:
    return text_of(
        credential=f'[credential]\nkind = "{kind}"\npath = "/token"\ntoken = "data.token"\n'
        'fields = { grant = "refresh", secret = "{key}" }\n'
        f'lifetime = {{ path = "data.life", unit = "s" }}\n{more}\n'
    )


@pytest.mark.parametrize("form", [False, True])
async def test_a_token_is_got_once_and_again_when_it_is_refused(form: bool) -> None:
    tokens = Tokens(uses=3, form=form)
    with Api(tokens.say).running() as address:
        provider = provider_of(exchange("login", 'encoding = "form"' if form else ""), address)
        for _ in range(3):
            await provider.check()
        assert tokens.given == 1
        await provider.check()
        assert tokens.given == 2
        await provider._http.aclose()


async def test_a_refresh_token_that_rotates() -> None:
    tokens = Tokens(uses=1, rotating=True)
    with Api(tokens.say).running() as address:
        provider = provider_of(exchange("refresh", 'rotated = "data.refresh"'), address)
        for _ in range(3):
            await provider.check()
        assert tokens.given == 3
        await provider._http.aclose()


async def test_a_login_that_is_refused_is_the_keys_fault() -> None:
    with Api(Tokens(uses=1).say).running() as address:
        provider = provider_of(exchange("login"), address, key="wrong")
        with pytest.raises(KeyRefusedError) as raised:
            await provider.check()
        assert "wrong" not in str(raised.value)
        await provider._http.aclose()


KEYED = 'recording = { kind = "keyed", address = "audio" }\n'


async def test_a_keyed_recording_on_a_named_host_gets_the_key_and_no_other_host_does() -> None:
    media = Api(lambda asked: Told(200, asked.headers.get("authorization", "none").encode(), "audio/wav"))
    with media.running() as elsewhere:
        host = elsewhere.removeprefix("http://")
        with Api(lambda _: told(200, {"id": "a", "audio": f"{elsewhere}/a.wav?x=%2B1"})).running() as address:
            named = provider_of(text_of(head=f'hosts = ["{host}"]\n' + KEYED), address)
            assert isinstance(named, GivesRecording)
            answer = await (await named.recording("a", "recording")).read(0, None, None)
            assert b"".join([piece async for piece in answer.chunks]) == b"Bearer k-1"
            await answer.aclose()
            assert media.asked[0].query == {"x": "+1"}
            unnamed = provider_of(text_of(head=KEYED), address)
            assert isinstance(unnamed, GivesRecording)
            with pytest.raises(UnexpectedAnswerError, match="does not get the key"):
                await unnamed.recording("a", "recording")
            await named._http.aclose()
            await unnamed._http.aclose()
    assert len(media.asked) == 1


async def test_a_description_that_changes_its_hosts_gets_no_key() -> None:
    with Api(lambda _: told(200, {"calls": []})).running() as address:
        host = address.removeprefix("http://")
        await provider_of(text_of(), address, key_hosts=host).aclose()
        with pytest.raises(UsageError, match="other hosts"):
            provider_of(text_of(head='hosts = ["evil.example.com"]\n'), address, key_hosts=host)


async def test_an_option_that_is_missing_or_fits_no_header() -> None:
    text = text_of(credential=OPTIONS + '[credential]\nkind = "header"\nheaders = { X = "{account}" }\n')
    with pytest.raises(UsageError, match="Account"):
        provider_of(text, "https://api.example.com")
    with pytest.raises(UsageError, match="no header"):
        provider_of(text, "https://api.example.com", account="a\r\nX-Evil: 1")
