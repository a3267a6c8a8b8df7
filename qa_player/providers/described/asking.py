"""The questions of a description: credentials, lists and their pages, placeholders and what may stand for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, JsonValue, model_validator

from qa_player.model.value import Value
from qa_player.providers.described.fields import Paths, Time
from qa_player.providers.described.units import Unit

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,49})\}")
OPTION = r"^[a-z][a-z0-9_]{0,49}$"

Template = Annotated[str, Field(max_length=500)]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
BaseUrl = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^https?://[^\s?#@]+$")]


def _path(text: str) -> str:
    if not text.startswith("/") or text.startswith("//") or re.search(r"[\s#\\]", text) or ".." in text:
        raise ValueError("it must begin with one slash and hold no blank, #, backslash or ..")
    return text


ApiPath = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_path)]


def names_in(value: Any) -> frozenset[str]:
    """The placeholders in a template, or in all templates of a table."""
    if isinstance(value, str):
        return frozenset(PLACEHOLDER.findall(value))
    if isinstance(value, Mapping):
        value = list(value.values())
    return frozenset().union(*map(names_in, value)) if isinstance(value, list | tuple) else frozenset()


def filled(template: Any, given: Mapping[str, Any]) -> Any:
    """``template`` with its placeholders filled; one that is nothing but a placeholder becomes the value itself.

    >>> filled({"limit": "{limit}", "at": ["<{at}>"]}, {"limit": 5, "at": 1})
    {'limit': 5, 'at': ['<1>']}
    """
    if isinstance(template, str):
        alone = PLACEHOLDER.fullmatch(template)
        if alone is not None:
            return given[alone[1]]
        return PLACEHOLDER.sub(lambda found: str(given[found[1]]), template)
    if isinstance(template, Mapping):
        return {name: filled(item, given) for name, item in template.items()}
    return [filled(item, given) for item in template] if isinstance(template, list | tuple) else template


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both tables in one; tables in tables are merged, of anything else the second counts."""
    both = dict(below)
    for name, item in above.items():
        beneath = both.get(name)
        both[name] = merged(beneath, item) if isinstance(beneath, Mapping) and isinstance(item, Mapping) else item
    return both


class HeaderCredential(Value):
    """The key in headers that stay, as ``{key}``; what else they hold comes from options."""

    kind: Literal["header"]
    headers: Annotated[dict[HeaderName, Template], Field(min_length=1, max_length=4)]


class BasicCredential(Value):
    """HTTP Basic: ``user`` and ``password`` are templates."""

    kind: Literal["basic"]
    user: Template = "{key}"
    password: Template = ""


class BearerCredential(Value):
    """``Authorization: Bearer`` and the key."""

    kind: Literal["bearer"]


class ExchangeCredential(Value):
    """A key that is exchanged for a token: ``login`` with a password or the like, ``refresh`` with a refresh token.

    The token goes into ``header`` after ``prefix``; it is renewed before it dies and once when it is refused. A JWT
    says itself how long it lives, else ``lifetime`` does, else it is taken to be an hour. ``rotated`` is where the
    answer has the refresh token to use next time.
    """

    kind: Literal["login", "refresh"]
    base_url: BaseUrl | None = None
    path: ApiPath
    encoding: Literal["json", "form"] = "json"
    fields: Annotated[dict[str, Template], Field(min_length=1, max_length=20)]
    token: Paths
    lifetime: Time | None = None
    rotated: Paths | None = None
    header: HeaderName = "Authorization"
    prefix: Annotated[str, Field(max_length=50)] = "Bearer "
    headers: Annotated[dict[HeaderName, Template], Field(default_factory=dict, max_length=3)]


Credential = Annotated[
    HeaderCredential | BasicCredential | BearerCredential | ExchangeCredential, Field(discriminator="kind")
]

Request = Annotated[dict[str, JsonValue], Field(max_length=40)]


class Numbered(Value):
    """Pages by number or by offset; ``{page}`` or ``{offset}`` stands in ``request``."""

    kind: Literal["page", "offset"]
    request: Request
    first: Annotated[int, Field(ge=0, le=1)] = 1
    """The number of the first page."""


class Cursored(Value):
    """The answer has what stands for ``{cursor}`` next time; ``more`` false ends the list."""

    kind: Literal["cursor"]
    request: Request
    next: Paths
    more: Paths | None = None


class NextAddress(Value):
    """The answer has the address of the next page; it is asked only at the API's own origin."""

    kind: Literal["next_url"]
    next: Paths


class LastItem(Value):
    """A value of the last item stands for ``{last}`` next time; ``inclusive`` when the answer begins with it again."""

    kind: Literal["last_item"]
    request: Request
    key: Paths
    inclusive: bool = False


class OnePage(Value):
    """Everything comes in one answer."""

    kind: Literal["none"]


Paging = Annotated[Numbered | Cursored | NextAddress | LastItem | OnePage, Field(discriminator="kind")]


class Windows(Value):
    """A list that is asked for in windows of ``days``, newest first, ``back_days`` back when no start is asked for."""

    days: Annotated[int, Field(ge=1, le=366)]
    back_days: Annotated[int, Field(ge=1, le=3_660)] = 366


class Listing(Value):
    """How sessions are listed. The tables of ``request``, ``agent``, ``since`` … are laid over one another.

    They are the query of a GET and the JSON body of a POST; ``between`` takes the place of ``since`` and ``until``
    when both are asked for. ``time`` is the unit of ``{since}`` and ``{until}``.
    """

    method: Literal["GET", "POST"] = "GET"
    path: ApiPath
    items: Paths
    total: Paths | None = None
    most: Annotated[int, Field(ge=1, le=10_000)] = 100
    request: Request = Field(default_factory=dict)
    agent: Request | None = None
    since: Request | None = None
    until: Request | None = None
    between: Request | None = None
    time: Unit = Unit.RFC3339
    windows: Windows | None = None
    paging: Paging

    @model_validator(mode="after")
    def _fits(self) -> Listing:
        if not self.time.is_instant:
            raise ValueError("time must be a unit of moments")
        if self.windows is not None and (self.since is None or self.until is None) and self.between is None:
            raise ValueError("windows need since and until, or between")
        if self.windows is not None and self.paging.kind == "next_url":
            raise ValueError("windows do not go with next_url")
        tables = [self.request, self.agent, self.since, self.until, self.between, getattr(self.paging, "request", {})]
        if self.method == "GET" and any(
            isinstance(item, dict | list) for table in tables for item in (table or {}).values()
        ):
            raise ValueError("the query of a GET holds plain values only")
        return self
