"""Pages of a list: what is asked for the next one, and where a list ends; the place in it is opaque to all others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from qa_player.errors import UsageError
from qa_player.providers.base import SessionQuery
from qa_player.providers.described.asking import Cursored, LastItem, Listing, NextAddress, Numbered, filled, merged
from qa_player.providers.described.paths import first
from qa_player.providers.described.units import written
from qa_player.providers.reading import count, instant, iso
from qa_player.providers.statuses import not_as_promised

LONGEST_PLACE = 60_000
LONGEST_VALUE = 16_000


@dataclass(frozen=True)
class Place:
    """Where in a list a page begins.

    ``number`` pages and ``seen`` items came before it, ``at`` is what the provider wants to hear (cursor, address,
    value of the last item), ``held`` the ids that an inclusive list will repeat and ``repeated`` how many items that
    are, readable or not; ``until`` is the end of the window.
    """

    size: int
    number: int = 0
    seen: int = 0
    at: str | int | float | None = None
    held: tuple[str, ...] = ()
    repeated: int = 0
    until: str | None = None


def place_of(listing: Listing, cursor: str | None, limit: int) -> Place:
    """The place that ``cursor`` stands for, the first when null; raises UsageError for one that is not ours."""
    if cursor is None:
        return Place(size=min(max(limit, 1), listing.most))
    try:
        told = dict(json.loads(cursor)) if len(cursor) <= LONGEST_PLACE else {}
        place = Place(**{**told, "held": tuple(told["held"])})
    except (ValueError, TypeError, KeyError):
        place = Place(size=0)
    if not (isinstance(place.size, int) and 0 < place.size <= listing.most and isinstance(place.repeated, int)):
        raise UsageError("The place in the list is not one this provider gave.", "List the sessions from the start.")
    return place


def window_of(listing: Listing, query: SessionQuery, place: Place, now: datetime) -> SessionQuery:
    """The query narrowed to the window that ``place`` lies in; the query itself where there are no windows."""
    windows = listing.windows
    if windows is None:
        return query
    until = instant(place.until) or query.until or now.replace(microsecond=0) + timedelta(seconds=1)
    begins = until - timedelta(days=windows.days)
    return replace(query, since=max(begins, query.since) if query.since else begins, until=until)


def question(listing: Listing, query: SessionQuery, place: Place, options: Mapping[str, str]) -> dict[str, Any]:
    """The query or the body for the page at ``place``."""
    given: dict[str, Any] = {**options, "limit": place.size + place.repeated}
    given["limit"] = min(given["limit"], listing.most)
    tables: list[Mapping[str, Any] | None] = [listing.request]
    agent = query.agent or options.get("agent")
    if agent:
        given["agent"] = agent
        tables.append(listing.agent)
    if query.since is not None:
        given["since"] = written(query.since, listing.time)
    if query.until is not None:
        given["until"] = written(query.until, listing.time, round_up=True)
    if query.since is not None and query.until is not None and listing.between is not None:
        tables.append(listing.between)
    else:
        tables += [listing.since if query.since else None, listing.until if query.until else None]
    tables.append(_page_of(listing, place, given))
    asked: dict[str, Any] = {}
    for table in tables:
        asked = merged(asked, filled(table, given) if table else {})
    return asked


def _page_of(listing: Listing, place: Place, given: dict[str, Any]) -> Mapping[str, Any] | None:
    paging = listing.paging
    if isinstance(paging, Numbered):
        given["page" if paging.kind == "page" else "offset"] = (
            place.number + paging.first if paging.kind == "page" else place.seen
        )
        return paging.request
    if isinstance(paging, Cursored | LastItem) and place.at is not None:
        given["cursor" if isinstance(paging, Cursored) else "last"] = place.at
        return paging.request
    return None


def following(
    listing: Listing, place: Place, *, answer: Any, items: Sequence[Any], ids: Sequence[str | None]
) -> Place | None:
    """Where the page after ``place`` begins, null at the end of the list. ``ids`` has null for unreadable items."""
    at = _next_at(listing, place, answer, items)
    if at is None or not items:
        return None
    last = _last(listing, at, items, ids)
    if at == place.at and len(last) == place.repeated:
        return None  # it says the same again and again
    held = tuple(one for one in last if one is not None)
    seen = place.seen + len(items)
    return replace(place, number=place.number + 1, seen=seen, at=at, held=held, repeated=len(last))


def after_window(
    listing: Listing, query: SessionQuery, place: Place, window: SessionQuery, now: datetime
) -> Place | None:
    """Where the window before ``window`` begins; null when there is none left."""
    if listing.windows is None or window.since is None:
        return None
    # less a minute: the clock goes on while pages are read
    back = timedelta(days=listing.windows.back_days, minutes=-1)
    earliest = query.since or (query.until or now) - back
    return Place(size=place.size, until=iso(window.since)) if window.since > earliest else None


def cursor_of(place: Place | None) -> str | None:
    """``place`` as the opaque text that others carry."""
    return None if place is None else json.dumps(asdict(place), separators=(",", ":"))


def _next_at(listing: Listing, place: Place, answer: Any, items: Sequence[Any]) -> str | int | float | None:
    """What the provider wants to hear for the next page; null when this was the last."""
    paging = listing.paging
    if isinstance(paging, Numbered):
        total = count(first(answer, listing.total))
        seen = place.seen + len(items)
        # a server may give shorter pages than asked for, so a short page ends a list only when nothing says otherwise
        more = len(items) >= place.size if total is None else seen < total
        return seen if more else None
    if isinstance(paging, Cursored):
        more_said = first(answer, paging.more)
        return None if more_said in (False, "false", 0) else _value(first(answer, paging.next))
    if isinstance(paging, NextAddress):
        return _value(first(answer, paging.next))
    if isinstance(paging, LastItem):
        asked = min(place.size + place.repeated, listing.most)
        return _value(first(items[-1], paging.key)) if len(items) >= asked else None
    return None


def _last(listing: Listing, at: object, items: Sequence[Any], ids: Sequence[str | None]) -> list[str | None]:
    """The ids of the items that an inclusive list will begin with next time."""
    paging = listing.paging
    if not isinstance(paging, LastItem) or not paging.inclusive:
        return []
    return [one for item, one in zip(items, ids, strict=True) if first(item, paging.key) == at]


def _value(value: Any) -> str | int | float | None:
    if value is None or value is False or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > LONGEST_VALUE:
        raise not_as_promised("its list says in no usable way where it goes on")
    return value


def now_of(server_time: float | None, here: float) -> datetime:
    """This moment by the provider's clock where it is known."""
    return datetime.fromtimestamp(here if server_time is None else server_time, UTC)
