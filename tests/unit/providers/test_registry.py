"""Which providers there are, whoever they come from, and that a broken one hides no other."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from qa_player.providers import registry
from qa_player.providers.vendors.oshara import PROVIDER

OURS = EntryPoint("oshara", "qa_player.providers.vendors.oshara:PROVIDER", registry.GROUP)


def test_the_built_in_ones_are_there() -> None:
    assert registry.kinds()["oshara"] is PROVIDER


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise ImportError('no such library')", "ImportError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("1 / 0", "ZeroDivisionError"),
        ("", "AttributeError"),
        ("PROVIDER = 'text'", "not a ProviderKind"),
        ("from qa_player.providers.vendors.oshara import PROVIDER", "not a ProviderKind of that name"),
    ],
)
def test_a_broken_third_party_hides_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, reason: str
) -> None:
    (tmp_path / "third_party_provider.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "third_party_provider", raising=False)
    found, broken = registry.load([EntryPoint("theirs", "third_party_provider:PROVIDER", registry.GROUP), OURS])
    assert list(found) == ["oshara"]
    assert reason in broken["theirs"]


def test_a_third_party_is_used_and_cannot_take_our_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "another_provider.py").write_text(
        "from dataclasses import replace\n"
        "from qa_player.providers.vendors.oshara import PROVIDER as ours\n"
        "PROVIDER = replace(ours, name='another')\n"
        "OSHARA = replace(ours, base_url='https://elsewhere.invalid')\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found, broken = registry.load(
        [
            EntryPoint("oshara", "another_provider:OSHARA", registry.GROUP),
            EntryPoint("another", "another_provider:PROVIDER", registry.GROUP),
            OURS,
        ]
    )
    assert list(found) == ["oshara", "another"]
    assert found["oshara"] is PROVIDER
    assert "another provider" in broken["oshara"]
