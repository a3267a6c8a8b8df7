"""Where a key may go: nowhere but its own origin, whatever a server says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parts.raw_server import Asked, Site, answer, as_json
from qa_player.errors import QaPlayerError, UnexpectedAnswerError
from qa_player.model.secret import Secret
from qa_player.providers.addresses import Address, Reach
from qa_player.providers.http import Http, HttpDoor
from qa_player.providers.presigned import PresignedRecording

KEY = "sk_canary-7Zq/+=4f1e"
REDIRECTS = [301, 302, 303, 307, 308]


def to(location: str, status: int = 302) -> Callable[[Asked], bytes]:
    """Redirects everything but /end."""
    return lambda asked: as_json("end") if asked.path == "/end" else answer(status, b"", Location=location)


def key_seen(*sites: Site) -> bool:
    return any(KEY in value for site in sites for asked in site.asked for value in asked.headers.values())


@pytest.mark.parametrize("status", REDIRECTS)
async def test_within_its_origin_the_key_goes_along(door: HttpDoor, site: Site, status: int) -> None:
    """The control of all that follow: the key is there to be seen."""
    site.says = to("/end", status)
    assert await door.get_json("/") == "end"
    assert [asked.headers.get("x-api-key") for asked in site.asked] == [KEY, KEY]


@pytest.mark.parametrize("status", REDIRECTS)
async def test_another_origin_never_sees_the_key(door: HttpDoor, site: Site, other: Site, status: int) -> None:
    site.says = to(f"{other.url}/end", status)
    other.says = to("/unused")
    assert await door.get_json("/") == "end"
    assert [asked.path for asked in other.asked] == ["/end"]
    assert not key_seen(other)


async def test_another_port_is_another_origin(door: HttpDoor, site: Site, neighbour: Site) -> None:
    site.says = to(f"{neighbour.url}/end")
    neighbour.says = to("/unused")
    await door.get_json("/")
    assert neighbour.asked
    assert not key_seen(neighbour)


async def test_another_spelling_of_the_host_is_another_origin(door: HttpDoor, site: Site) -> None:
    site.says = to(site.url.replace("127.0.0.1", "LocalHost") + "/end")
    await door.get_json("/")
    assert len(site.asked) == 2
    assert "x-api-key" not in site.asked[1].headers


async def test_coming_back_does_not_bring_the_key_back(door: HttpDoor, site: Site, other: Site) -> None:
    site.says = to(f"{other.url}/on")
    other.says = to(f"{site.url}/end")
    assert await door.get_json("/") == "end"
    assert "x-api-key" in site.asked[0].headers
    assert "x-api-key" not in site.asked[1].headers


async def test_two_slashes_name_a_host(door: HttpDoor, site: Site, other: Site) -> None:
    site.says = to(f"//{other.url.partition('//')[2]}/end")
    other.says = to("/unused")
    assert await door.get_json("/") == "end"
    assert not key_seen(other)


@pytest.mark.parametrize(
    "location",
    [
        "http://api.example.invalid/end",
        "ftp://127.0.0.2/end",
        "file:///etc/passwd",
        "data:application/json,1",
        "javascript:1",
        "https://user@127.0.0.2/end",
        "https://127.0.0.2:x/end",
        "https://127.0.0.2\\@127.0.0.1/",
        "https://[::1/end",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fe80::1]/end",
        "https://[::ffff:169.254.169.254]/end",
        "https://0.0.0.0/end",
    ],
)
async def test_addresses_that_are_not_followed(door: HttpDoor, site: Site, location: str) -> None:
    site.says = to(location)
    with pytest.raises(UnexpectedAnswerError) as raised:
        await door.get_json("/")
    assert "127" not in str(raised.value)
    assert "169" not in str(raised.value)
    assert len(site.asked) == 1


async def test_a_chain_is_followed_five_times(door: HttpDoor, site: Site) -> None:
    def on(asked: Asked) -> bytes:
        number = int(asked.path[1:])
        return as_json(number) if number == 5 else answer(302, b"", Location=f"/{number + 1}")

    site.says = on
    assert await door.get_json("/0") == 5
    site.says = lambda asked: answer(302, b"", Location=f"/{int(asked.path[1:]) + 1}")
    with pytest.raises(UnexpectedAnswerError, match="without end"):
        await door.get_json("/0")
    assert len(site.asked) == 6 + 6


async def test_a_loop_ends(door: HttpDoor, site: Site, other: Site) -> None:
    site.says = to(f"{other.url}/there")
    other.says = to(f"{site.url}/here")
    with pytest.raises(UnexpectedAnswerError):
        await door.get_json("/")
    assert len(site.asked) + len(other.asked) == 6
    assert not key_seen(other)


async def test_a_redirect_without_a_place_is_no_answer(door: HttpDoor, site: Site) -> None:
    site.says = lambda asked: answer(302, b"")
    with pytest.raises(UnexpectedAnswerError):
        await door.get_json("/")


async def refuse() -> Secret:
    raise AssertionError("nobody asked to renew")


PUBLIC_BASES = ["https://8.8.8.8", "https://api.example.invalid"]


@pytest.mark.parametrize("base", PUBLIC_BASES)
@pytest.mark.parametrize("spelled", ["127.0.0.1", "localhost"])
async def test_data_of_a_public_provider_reaches_no_private_machine(
    http: Http, site: Site, base: str, spelled: str
) -> None:
    address = site.url.replace("127.0.0.1", spelled) + "/recording.mp4"
    door = http.door(base, headers={"X-API-Key": Secret(KEY)}, allowed_hosts=frozenset())
    with pytest.raises(UnexpectedAnswerError, match="this computer itself"):
        await PresignedRecording(door, Secret(address), renewed=refuse).read(0, 10, None)
    assert site.connections == 0
    # the control: named by the person it is reached, and without the key
    named = http.door(base, headers={"X-API-Key": Secret(KEY)}, allowed_hosts=frozenset({spelled}))
    answered = await PresignedRecording(named, Secret(address), renewed=refuse).read(0, 10, None)
    await answered.aclose()
    assert site.connections == 1
    assert not key_seen(site)


@pytest.mark.parametrize(
    "place",
    ["10.1.2.3", "192.168.0.1", "172.16.0.1", "100.64.0.1", "[fc00::1]", "[::1]", "[::ffff:10.0.0.1]", "224.0.0.1"],
)
async def test_private_places_in_data_of_a_public_provider(http: Http, place: str) -> None:
    """Refused before a socket is made: the run's watch on far connections would tell."""
    door = http.door("https://8.8.8.8", headers={}, allowed_hosts=frozenset())
    with pytest.raises(UnexpectedAnswerError, match="this computer itself"):
        await PresignedRecording(door, Secret(f"https://{place}/recording.mp4"), renewed=refuse).read(0, 10, None)


async def test_a_name_is_judged_by_what_it_leads_to(site: Site) -> None:
    """A host name passes every look at its spelling; the line itself refuses the machine behind it."""
    from qa_player.providers import lines
    from qa_player.providers.failures import setback

    port = int(site.url.rpartition(":")[2])
    address = Address("http", "localhost", port, "/")
    tls = lines.trusted_by_the_system()
    public, own = (lines.make_line(address, reach=reach, proxy="off", tls=tls) for reach in (Reach.PUBLIC, Reach.OWN))
    async with public.client, own.client:
        with pytest.raises(Exception) as raised:  # noqa: PT011
            await public.client.get(address.root, extensions={lines.TARGET: b"/"})
        assert isinstance(setback(raised.value), QaPlayerError)
        assert site.connections == 0
        assert (await own.client.get(address.root, extensions={lines.TARGET: b"/"})).status_code == 200
