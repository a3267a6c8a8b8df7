"""Every kind of page is read to its end, without doubles and without asking for ever."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from parts.described_api import Api, provider_of, text_of, told
from qa_player.demo.wire import Asked, Told
from qa_player.errors import UnexpectedAnswerError, UsageError
from qa_player.providers.base import ListsSessions, SessionQuery

NOW = int(datetime.now(UTC).timestamp())
CALLS = [{"id": f"c{number:02}", "at": NOW - 3_600 * (number + 1), "key": number // 2} for number in range(11)]


def listing(paging: str, more: str = 'request = { limit = "{limit}" }') -> str:
    return f'[listing]\npath = "/calls"\nitems = "calls"\nmost = 4\n{more}\npaging = {paging}\n'


async def everything(provider: Any, query: SessionQuery | None = None, limit: int = 3) -> list[str]:
    assert isinstance(provider, ListsSessions)
    found: list[str] = []
    cursor, pages = None, 0
    while True:
        page = await provider.list_sessions(query or SessionQuery(), cursor, limit)
        found += [session.session_id for session in page.sessions]
        cursor, pages = page.cursor, pages + 1
        assert pages < 60, "it never ends"
        if cursor is None:
            return found


OFFSETS = '{ kind = "offset", request = { offset = "{offset}" } }'
IN_A_BODY = '{ kind = "cursor", next = "page.next", more = "page.more", request = { page = { after = "{cursor}" } } }'
LIMIT = 'request = { limit = "{limit}" }'


def by_page(asked: Asked) -> Told:
    start = (int(asked.query["page"]) - 1) * int(asked.query["limit"])
    return told(200, {"calls": CALLS[start : start + int(asked.query["limit"])]})


def by_page_from_zero_counted(asked: Asked) -> Told:
    start = int(asked.query["page"]) * 2  # shorter pages than asked for, and a total that says so
    return told(200, {"calls": CALLS[start : start + 2], "total": len(CALLS)})


def by_offset(asked: Asked) -> Told:
    start = int(asked.query["offset"])
    return told(200, {"calls": CALLS[start : start + int(asked.query["limit"])], "total": str(len(CALLS))})


def by_cursor(asked: Asked) -> Told:
    question = json.loads(asked.body)
    start = int(question.get("page", {}).get("after", 0))
    after = start + question["limit"]
    shown = CALLS[start:after]
    return told(200, {"calls": shown, "page": {"next": after, "more": after < len(CALLS)}})


def by_address(asked: Asked) -> Told:
    start = int(asked.query.get("from", "0"))
    ahead = f"/calls?from={start + 3}&sig=a%2Bb" if start + 3 < len(CALLS) else None
    assert asked.query.get("sig", "a+b") == "a+b"
    return told(200, {"calls": CALLS[start : start + 3], "next": ahead})


def by_last(asked: Asked) -> Told:
    """Keys are shared by two calls each; the next page begins with that key again."""
    first = int(asked.query.get("from", "0"))
    found = [call for call in CALLS if call["key"] >= first]
    return told(200, {"calls": found[: int(asked.query["limit"])]})


@pytest.mark.parametrize(
    ("text", "say"),
    [
        (listing('{ kind = "page", request = { page = "{page}" } }'), by_page),
        (
            listing('{ kind = "page", first = 0, request = { page = "{page}" } }', 'total = "total"'),
            by_page_from_zero_counted,
        ),
        (listing(OFFSETS, 'total = "total"\n' + LIMIT), by_offset),
        (listing(IN_A_BODY, 'method = "POST"\n' + LIMIT), by_cursor),
        (listing('{ kind = "next_url", next = "next" }'), by_address),
        (listing('{ kind = "last_item", key = "key", inclusive = true, request = { from = "{last}" } }'), by_last),
    ],
    ids=["page", "page from zero", "offset", "cursor in a body", "next address", "last item"],
)
@pytest.mark.parametrize("limit", [1, 3, 50])
async def test_all_of_it_once(text: str, say: Callable[[Asked], Told], limit: int) -> None:
    with Api(say).running() as address:
        provider = provider_of(text_of(listing=text), address)
        assert await everything(provider, limit=limit) == [call["id"] for call in CALLS]
        await provider._http.aclose()


async def test_windows_of_days_go_back_as_far_as_they_may() -> None:
    windows: list[tuple[int, int]] = []

    def say(asked: Asked) -> Told:
        since, until = int(asked.query["since"]), int(asked.query["until"])
        windows.append((since, until))
        found = [call for call in CALLS if since <= call["at"] <= until]
        start = int(asked.query["offset"])
        return told(200, {"calls": found[start : start + 3]})

    text = listing(
        '{ kind = "offset", request = { offset = "{offset}" } }',
        'time = "epoch_s"\nsince = { since = "{since}" }\nuntil = { until = "{until}" }\n'
        "windows = { days = 1, back_days = 3 }",
    )
    with Api(say).running() as address:
        provider = provider_of(text_of(listing=text), address)
        assert await everything(provider) == [call["id"] for call in CALLS]
        assert all(until - since == 86_400 for since, until in windows)
        assert len(set(windows)) == 3
        windows.clear()
        since = datetime.fromtimestamp(NOW, UTC) - timedelta(hours=5, minutes=30)
        assert await everything(provider, SessionQuery(since=since)) == [call["id"] for call in CALLS[:5]]
        assert {since for since, _ in windows} == {int(since.timestamp())}
        await provider._http.aclose()


async def test_a_provider_that_ignores_the_time_is_narrowed_all_the_same() -> None:
    with Api(lambda _: told(200, {"calls": CALLS})).running() as address:
        provider = provider_of(text_of(), address)
        since = datetime.fromtimestamp(NOW, UTC) - timedelta(hours=2, minutes=30)
        assert await everything(provider, SessionQuery(since=since)) == ["c00", "c01"]
        assert len(await everything(provider, SessionQuery(until=since))) == 9
        await provider._http.aclose()


def leading(elsewhere: str) -> Told:
    return told(200, {"calls": CALLS, "next": elsewhere})


async def test_the_key_follows_no_address_to_another_host() -> None:
    stranger = Api(lambda _: told(200, {"calls": []}))
    with (
        stranger.running() as elsewhere,
        Api(lambda _: told(200, {"calls": CALLS, "next": elsewhere})).running() as address,
    ):
        provider = provider_of(text_of(listing=listing('{ kind = "next_url", next = "next" }')), address)
        with pytest.raises(UnexpectedAnswerError, match="another host"):
            await everything(provider)
        await provider._http.aclose()
    assert stranger.asked == []


async def test_a_cursor_that_never_moves_ends_the_list() -> None:
    with Api(lambda _: told(200, {"calls": CALLS[:2], "next": "same"})).running() as address:
        text = listing('{ kind = "cursor", next = "next", request = { cursor = "{cursor}" } }', "")
        provider = provider_of(text_of(listing=text), address)
        assert len(await everything(provider)) <= 4
        await provider._http.aclose()


@pytest.mark.parametrize(
    "cursor", ["", "{", "[]", "7", '{"size": 0}', '{"size": 3, "bogus": 1}', '{"size":1,"held":null}']
)
async def test_a_place_of_somebody_elses_making(cursor: str) -> None:
    with Api(lambda _: told(200, {"calls": CALLS})).running() as address:
        provider = provider_of(text_of(), address)
        assert isinstance(provider, ListsSessions)
        with pytest.raises(UsageError):
            await provider.list_sessions(SessionQuery(), cursor, 5)
        await provider._http.aclose()
