"""Descriptions are data from outside: strict, bounded, and told off by line and field."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parts.described_api import BEARER, ONE_PAGE, Api, provider_of, text_of, told
from qa_player.demo.wire import Asked, Told
from qa_player.errors import NoRecordingError, NotFoundError, NotReadyError, QaPlayerError, QuotaError, UsageError
from qa_player.files import resource
from qa_player.model.timing import TimingQuality
from qa_player.providers import registry
from qa_player.providers.base import GivesRecording
from qa_player.providers.described.document import LARGEST, parse_description, read_description, schema


def test_the_published_schema_is_the_models() -> None:
    assert json.loads(resource("schemas", "provider.schema.json").read_text("utf-8")) == schema()


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        (text_of() + "x = = 1", "line 18, column 5"),
        (text_of(head="extra = 1\n"), "line 6, field extra"),
        (text_of().replace("version = 1", "version = 2"), "line 2, field version"),
        (text_of().replace('"epoch_s"', '"fortnights"'), "line 17, field session.started_at.unit"),
        (text_of().replace('id = "id"', 'id = "a..b"'), "no step can be read at character 3"),
        (text_of().replace("{session_id}", "{agent}"), "{agent} is no placeholder there"),
        (text_of().replace("/{session_id}", ""), "{session_id} is missing"),
        (text_of().replace('"/calls"', '"//evil.example.com/"'), "one slash"),
        (text_of().replace("https://api", "http://api"), "not encrypted"),
        (text_of().replace("https://api", "https://user:pass@api"), "field base_url"),
        (text_of(listing=""), "field check: it is needed"),
        (text_of(head='hosts = ["EVIL/.."]\n'), "field hosts"),
        (text_of().replace("epoch_s", "ms"), "its unit is one of lengths"),
        (text_of(listing=ONE_PAGE + "request = { a = { b = 1 } }\n"), "plain values only"),
        (text_of(listing=ONE_PAGE.replace('"none"', '"page", request = { p = 1 }')), "{page} stands nowhere"),
        (text_of(credential=BEARER + "\n[options.key]\nlabel = 'K'\n"), "meanings of their own"),
        (text_of(head="sides = { agent = 1979-05-27, user = 'x' }\n"), "a date"),
        (text_of(head="x = nan\n"), "NaN"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text: str, told_as: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_description(text)
    assert told_as in raised.value.message
    assert raised.value.next_step


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_whatever_lies_in_the_file(tmp_path_factory: pytest.TempPathFactory, body: bytes) -> None:
    file = tmp_path_factory.mktemp("d") / "a.toml"
    file.write_bytes(body)
    with pytest.raises(QaPlayerError):
        read_description(file)


def test_a_file_without_end(tmp_path: Path) -> None:
    file = tmp_path / "a.toml"
    file.write_bytes(b"#" * (LARGEST + 1))
    with pytest.raises(UsageError, match="256 KiB"):
        read_description(file)
    with pytest.raises(UsageError, match="no description"):
        read_description(tmp_path)


def test_a_home_has_descriptions_of_its_own_and_a_broken_one_hides_no_other(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("version = 9")
    (tmp_path / "b.toml").write_text(text_of())
    (tmp_path / "c.toml").write_text(text_of().replace('"acme"', '"oshara"'))
    (tmp_path / "d.py").write_text("raise SystemExit('code is not loaded from here')")
    found, broken = registry.described(tmp_path, {"oshara": registry.kinds()["oshara"]})
    assert list(found) == ["oshara", "acme"]
    assert found["oshara"] is registry.kinds()["oshara"]
    assert set(broken) == {"a.toml", "c.toml"}
    assert found["acme"].key_hosts is not None
    assert found["acme"].key_hosts("", {}) == ("api.example.com",)
    assert "acme" not in registry.kinds(), "the installed ones stay as they are"


async def test_an_id_is_one_part_of_a_path_whatever_it_holds() -> None:
    api = Api(lambda _: told(404, {}))
    with api.running() as address:
        provider = provider_of(text_of(), address)
        for session_id in ("a b/../c", "{key}", ".."):
            with pytest.raises(NotFoundError):
                await provider.detail(session_id)
        await provider._http.aclose()
    assert [one.path for one in api.asked] == ["/calls/a%20b%2F..%2Fc", "/calls/%7Bkey%7D"]


async def test_moments_become_milliseconds_from_audio_zero() -> None:
    def say(asked: Asked) -> Told:
        if asked.path.endswith("/words"):
            turns = [
                {"who": "A", "said": ["Hel", "lo"], "ns": "1700000001500000000"},
                {"who": "B", "said": "Hi", "ns": 1_700_000_003_000_000_000, "end": "1700000004000000000"},
                {"who": "B", "said": "years before", "ns": 1},
            ]
            return told(200, {"parts": [{"turns": turns[:2]}, {"turns": turns[2:]}]})
        return told(200, {"id": "a", "zero": "2023-11-14T22:13:20.000000000Z", "len": "0:00:09.5"})

    rest = """duration = { path = "len", unit = "hms" }
[transcript]
address = "/calls/{session_id}/words"
items = "parts[*].turns[*]"
text = "said"
role = "who"
roles = { a = "agent", B = "user" }
start = { path = "ns", unit = "epoch_ns" }
end = { path = "end", unit = "epoch_ns" }
origin = { path = "zero", unit = "rfc3339" }
"""
    with Api(say).running() as address:
        provider = provider_of(text_of(rest=rest), address)
        detail = await provider.detail("a")
        await provider._http.aclose()
    assert detail.session.duration_ms == 9_500
    assert [(turn.text, turn.role, turn.raw_start_ms, turn.raw_end_ms) for turn in detail.turns] == [
        ("Hello", "agent", 1_500, None),
        ("Hi", "user", 3_000, 4_000),
        ("years before", "user", None, None),
    ]
    assert detail.timing.quality is TimingQuality.APPROXIMATE
    assert json.loads(detail.raw).keys() == {"detail", "transcript"}


@pytest.mark.parametrize(
    ("status", "kind"), [(404, NotFoundError), (409, NotReadyError), (418, QuotaError), (500, UsageError)]
)
async def test_a_status_means_what_the_description_says(status: int, kind: type[QaPlayerError]) -> None:
    rest = '[errors]\n409 = "not_ready"\n418 = "quota"\n500 = "bad_request"\n'
    api = Api(lambda _: told(status, {}))
    with api.running() as address:
        provider = provider_of(text_of(rest=rest), address)
        with pytest.raises(kind) as raised:
            await provider.detail("a")
        assert type(raised.value) is kind
        await provider._http.aclose()
    assert len(api.asked) == 1, "what a description calls final is not asked for again"


@pytest.mark.parametrize("kind", ["bytes", "redirect"])
async def test_an_endpoint_that_has_no_audio(kind: str) -> None:
    def say(asked: Asked) -> Told:
        return told(404, {}) if asked.path.endswith("/audio") else told(200, {"id": "a"})

    rest = f'[recording]\nkind = "{kind}"\npath = "/calls/{{session_id}}/audio"\nerrors = {{ 404 = "no_audio" }}\n'
    with Api(say).running() as address:
        provider = provider_of(text_of(rest=rest), address)
        assert isinstance(provider, GivesRecording)
        with pytest.raises(NoRecordingError):
            await (await provider.recording("a", "recording")).read(0, 10, None)
        await provider._http.aclose()
