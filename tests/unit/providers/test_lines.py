"""Lines: certificates are really checked, proxies really asked or left alone, addresses tried beside one another."""

from __future__ import annotations

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parts.loop import Loop
from parts.raw_server import Site, answer, as_json
from qa_player.errors import NetworkError, UsageError
from qa_player.model.secret import Secret
from qa_player.providers import http as door_module
from qa_player.providers import lines
from qa_player.providers.http import Http
from qa_player.providers.retry import Patience

NOWHERE = frozenset[str]()
ONCE = Patience(attempts=1, deadline_s=5.0)
TODAY = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """A certificate authority of one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company's own root")])
        self.root = folder / "root.pem"
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = (
            self._builder(self._name, self._key.public_key(), TODAY + DAY)
            .add_extension(constraints, critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identifier, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.root.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, *, host: str = "127.0.0.1", ends: datetime.datetime = TODAY + DAY) -> ssl.SSLContext:
        """A server's context whose certificate is for ``host``."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "server")])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            self._builder(name, key.public_key(), ends)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / "server.pem"
        encoding = serialization.Encoding.PEM
        private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        path.write_bytes(private + certificate.public_bytes(encoding))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime.datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(self._name).public_key(key)
        return (
            builder.serial_number(x509.random_serial_number()).not_valid_before(ends - 30 * DAY).not_valid_after(ends)
        )


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """Trusted by this machine, as far as this test's process knows."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    return authority


@pytest.fixture
def make_http(loop: Loop) -> Iterator[Callable[[str], Http]]:
    made: list[Http] = []

    def make(proxy: str) -> Http:
        made.append(Http(proxy=proxy, patience=ONCE))
        return made[-1]

    yield make
    for http in made:
        loop.run(http.aclose())


def ask(loop: Loop, http: Http, url: str) -> object:
    key = {"X-API-Key": Secret("sk_canary")}
    return loop.run(http.door(url, headers=key, allowed_hosts=NOWHERE).get_json("/canary-path"))


def test_what_the_system_trusts_is_trusted(
    loop: Loop, make_http: Callable[[str], Http], make_site: Callable[..., Site], authority: Authority
) -> None:
    site = make_site(tls=authority.server())
    site.says = lambda asked: as_json("in private")
    assert ask(loop, make_http("off"), site.url) == "in private"


def old(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda authority: authority.server(ends=TODAY - DAY), "expired"),
        (lambda authority: authority.server(ends=TODAY + 60 * DAY), "not valid yet"),
        (lambda authority: authority.server(host="127.0.0.9"), "not trusted"),
        (lambda authority: old(authority.server()), "No safe connection"),
    ],
    ids=["expired", "early", "another host", "old"],
)
def test_a_doubtful_server_gets_not_one_byte(
    loop: Loop,
    make_http: Callable[[str], Http],
    make_site: Callable[..., Site],
    authority: Authority,
    make: Callable[[Authority], ssl.SSLContext],
    sentence: str,
) -> None:
    site = make_site(tls=make(authority))
    with pytest.raises(NetworkError, match=sentence) as raised:
        ask(loop, make_http("off"), site.url)
    assert "nothing was sent" in raised.value.message
    assert site.asked == []


def test_a_stranger_is_not_trusted(
    loop: Loop, make_http: Callable[[str], Http], make_site: Callable[..., Site], tmp_path: Path
) -> None:
    site = make_site(tls=Authority(tmp_path).server())
    with pytest.raises(NetworkError, match="not trusted"):
        ask(loop, make_http("off"), site.url)
    assert site.asked == []


def test_a_server_without_tls(loop: Loop, make_http: Callable[[str], Http]) -> None:
    async def shout(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer(400))
        await writer.drain()
        writer.close()

    server = loop.run(asyncio.start_server(shout, "127.0.0.1", 0))
    with pytest.raises(NetworkError, match="No safe connection"):
        ask(loop, make_http("off"), f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    server.close()
    loop.run(server.wait_closed())


FAR = "https://api.example.invalid"


@pytest.mark.parametrize("setting", ["system", "address"])
def test_a_proxy_is_asked_for_far_hosts(
    loop: Loop,
    make_http: Callable[[str], Http],
    site: Site,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
) -> None:
    proxy = site.url.replace("//", "//user:canary-word@")
    if setting == "system":
        monkeypatch.setenv("HTTPS_PROXY", proxy)
    site.says = lambda asked: answer(407)
    with pytest.raises(NetworkError, match="proxy asks for a password") as raised:
        ask(loop, make_http("system" if setting == "system" else proxy), FAR)
    assert [asked.target for asked in site.asked] == ["api.example.invalid:443"]
    assert "proxy-authorization" in site.asked[0].headers
    assert "x-api-key" not in site.asked[0].headers
    assert "canary-word" not in repr(raised.value)
    site.says = lambda asked: answer(403)
    with pytest.raises(NetworkError, match="did not let"):
        ask(loop, make_http(proxy), FAR)


@pytest.mark.parametrize("setting", ["off", "system"])
def test_a_proxy_that_is_not_to_be_asked(
    loop: Loop, make_http: Callable[[str], Http], site: Site, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", site.url)
    monkeypatch.setenv("NO_PROXY", "example.invalid" if setting == "system" else "")
    with pytest.raises(NetworkError, match="leads nowhere"):
        ask(loop, make_http(setting), FAR)
    assert site.asked == []


@pytest.mark.parametrize("setting", ["system", "address"])
def test_loopback_is_never_asked_of_a_proxy(
    loop: Loop,
    make_http: Callable[[str], Http],
    site: Site,
    other: Site,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, other.url)
    monkeypatch.setenv("NO_PROXY", "")
    site.says = lambda asked: as_json("direct")
    assert ask(loop, make_http("system" if setting == "system" else other.url), site.url) == "direct"
    assert other.connections == 0


@pytest.mark.parametrize("setting", ["socks5://127.0.0.1:1", "http://", "not an address", "ftp://proxy", "on"])
def test_a_proxy_setting_that_cannot_be_used(loop: Loop, make_http: Callable[[str], Http], setting: str) -> None:
    if setting == "on":
        with pytest.raises(NetworkError):
            ask(loop, make_http("localhost:1"), FAR)
        return
    with pytest.raises(UsageError, match="proxy"):
        ask(loop, make_http(setting), FAR)


class Stream(httpcore.AsyncNetworkStream):
    def __init__(self) -> None:
        self.closed = False

    async def aclose(self) -> None:
        self.closed = True


async def never() -> httpcore.AsyncNetworkStream:
    await asyncio.Event().wait()
    raise AssertionError


async def refused() -> httpcore.AsyncNetworkStream:
    raise httpcore.ConnectError("refused")


async def test_a_dead_address_does_not_hold_up_the_living_one() -> None:
    stream = Stream()

    async def answers() -> httpcore.AsyncNetworkStream:
        return stream

    assert await lines.first_of([never, answers], apart_s=0.001) is stream
    assert await lines.first_of([refused, refused, answers], apart_s=3_600) is stream
    with pytest.raises(httpcore.ConnectError):
        await lines.first_of([refused, refused], apart_s=0.001)


async def test_the_slower_of_two_that_answer_is_closed() -> None:
    both, streams = asyncio.Event(), [Stream(), Stream()]

    async def waits(stream: Stream) -> httpcore.AsyncNetworkStream:
        if stream is streams[1]:
            both.set()
        await both.wait()
        return stream

    winner = await lines.first_of([lambda: waits(streams[0]), lambda: waits(streams[1])], apart_s=0.001)
    assert [stream.closed for stream in streams] == [stream is not winner for stream in streams]


def test_many_hosts_keep_few_lines(
    loop: Loop, make_http: Callable[[str], Http], make_site: Callable[..., Site]
) -> None:
    """Other hosts each time: lines that are idle make room."""
    http = make_http("off")
    for number in range(door_module.MOST_LINES + 4):
        site = make_site(f"127.0.1.{number + 1}")
        site.says = lambda asked: as_json(asked.path)
        assert ask(loop, http, site.url) == "/canary-path"
    assert len(http._lines) == door_module.MOST_LINES


def test_the_door_is_light_until_it_is_opened() -> None:
    import subprocess
    import sys

    program = (
        "import sys, qa_player.providers.registry as r, qa_player.providers.http; r.kinds(); "
        "sys.exit(bool({'httpx', 'httpcore', 'truststore', 'anyio'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
