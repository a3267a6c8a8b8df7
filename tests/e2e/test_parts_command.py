"""`qa-player fetch` and `show` of a visit in several recordings, as a script meets them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from parts import process
from parts.command import QaPlayer, keychain_of_its_own
from parts.secret_service import PROGRAMS
from qa_player.demo.server import DemoServer
from qa_player.demo.visits import load_visits

pytestmark = [
    pytest.mark.keychain,
    pytest.mark.skipif(process.missing(*PROGRAMS) is not None, reason=str(process.missing(*PROGRAMS))),
]
(VISIT,) = [visit for visit in load_visits() if len(visit.media) == 2]
FACTS = {"sha256", "bytes", "container", "codec", "duration_ms", "channels", "sample_rate", "verified"}


@pytest.fixture(scope="module")
def qa_player() -> Iterator[QaPlayer]:
    with (
        tempfile.TemporaryDirectory() as folder,
        keychain_of_its_own() as keychain,
        DemoServer(samples=(), visits=load_visits()) as server,
    ):
        program = QaPlayer(Path(folder) / "home", keychain.environment)
        offered = next(one for one in server.connections if one.provider == "suki")
        options = [word for name, value in offered.options.items() for word in ("--option", f"{name}={value}")]
        words = ("connection", "add", "clinic", "--provider", "suki", "--base-url", offered.base_url)
        added = program(*words, *options, "--key-stdin", typed=f"{offered.key}\n")
        assert added.status == 0, added.err
        yield program


def starts(qa_player: QaPlayer) -> list[tuple[int, int | None, int | None]]:
    told = qa_player("show", "clinic", VISIT.session_id, "--json").json
    return [(part["sequence"], part["start_ms"], part["duration_ms"]) for part in told["recordings"]]


def test_every_part_is_fetched_into_a_folder_and_then_has_its_place(qa_player: QaPlayer, tmp_path: Path) -> None:
    assert starts(qa_player) == [(1, 0, None), (2, None, None)]
    refused = qa_player("fetch", "clinic", VISIT.session_id, "--out", __file__, "--json")
    assert (refused.status, refused.error["kind"]) == (2, "usage")
    folder = tmp_path / "visit"
    fetched = qa_player("fetch", "clinic", VISIT.session_id, "--out", folder, "--json")
    told = fetched.json
    assert set(told) == FACTS | {"parts"}
    lengths = [int(one["length_ms"]) for one in VISIT.told["recordings"]]
    assert (told["sha256"], told["duration_ms"], told["verified"]) == (None, sum(lengths), True)
    assert (told["container"], told["codec"]) == ("wav", "pcm_s16le")
    assert told["bytes"] == sum(path.stat().st_size for path in VISIT.media)
    for part, length_ms in zip(told["parts"], lengths, strict=True):
        assert set(part) == FACTS | {"sequence"}
        assert part["duration_ms"] == length_ms
        assert len(part["sha256"]) == 64
    assert [part["sequence"] for part in told["parts"]] == [1, 2]
    written = sorted(folder.iterdir())
    assert [path.read_bytes() for path in written] == [path.read_bytes() for path in VISIT.media]
    assert "Fetching: 100 %" in fetched.err
    assert starts(qa_player) == [(1, 0, lengths[0]), (2, lengths[0], lengths[1])]


def test_words_for_people_name_each_part(qa_player: QaPlayer) -> None:
    fetched = qa_player("fetch", "clinic", VISIT.session_id)
    assert [line.split(":")[0] for line in fetched.out.splitlines() if line.startswith("part")] == ["part 1", "part 2"]
    shown = qa_player("show", "clinic", VISIT.session_id).out
    assert "2 parts, consecutive: They are numbered in order and differ in length." in shown
