"""The shipped conversations are what they are said to be: what is told of each is what a decoder hears."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import av
import numpy as np
import pytest

from qa_player.demo.samples import Sample, load_samples
from qa_player.demo.server import DemoServer
from qa_player.files import resource

NOW = datetime(2026, 5, 28, 18, 0, tzinfo=UTC)
SAMPLES = {sample.subject: sample for sample in load_samples(NOW)}
HEARD = [sample for sample in SAMPLES.values() if sample.recording is not None]
SPOKEN = [sample for sample in HEARD if sample.truth]
CONVERSATIONS = [sample for sample in SPOKEN if 60_000 <= sample.duration_ms <= 600_000]
AUDIBLE = 10 ** (-38 / 20)  # 20 dB below the level of the speech
STEP_MS = 5
MOST_OFF_MS = 15


def heard(sample: Sample) -> tuple[np.ndarray, int]:
    """The recording as a decoder gives it: float samples, one row for each channel, and their rate."""
    with av.open(str(sample.recording)) as container:
        resampler = av.AudioResampler(format="fltp")
        frames = container.decode(audio=0)
        blocks = [block.to_ndarray() for frame in frames for block in resampler.resample(frame)]
        return np.concatenate(blocks, axis=1), container.streams.audio[0].rate


def levels(samples: np.ndarray, rate: int) -> np.ndarray:
    """The RMS of every STEP_MS, from audio zero."""
    edges = (np.arange(0, samples.shape[-1] * 1_000 // rate - STEP_MS, STEP_MS) * rate) // 1_000
    return np.sqrt(np.add.reduceat(np.square(samples), edges) / (STEP_MS * rate / 1_000))


def onset_errors_ms(sample: Sample, *, told_late_ms: int = 0) -> list[int]:
    """For each turn that begins in silence: how long after the time it tells sound begins, negative when before it."""
    samples, rate = heard(sample)
    by_side = [levels(side, rate) for side in samples]
    errors = []
    for turn in sample.truth:
        alone = len(by_side) == 2  # one party a side: only its own other turns could cover its beginning
        side = by_side[1 if alone and turn.role == "user" else 0]
        begins, ends = turn.start_ms - 120, turn.start_ms + 100
        others = (other for other in sample.truth if other is not turn and not (alone and other.role != turn.role))
        if any(other.start_ms < ends and begins < other.end_ms for other in others):
            continue
        first = max(0, turn.start_ms + told_late_ms - 100) // STEP_MS
        loud = np.flatnonzero(side[first : first + 200 // STEP_MS] > AUDIBLE)
        errors.append(int(first + loud[0]) * STEP_MS - turn.start_ms - told_late_ms if loud.size else 1_000)
    return errors


@pytest.mark.parametrize("sample", SPOKEN, ids=lambda sample: sample.subject)
def test_every_turn_is_heard_where_it_is_said_to_begin(sample: Sample) -> None:
    errors = onset_errors_ms(sample)
    assert len(errors) >= len(sample.truth) / 2
    assert max(map(abs, errors)) <= MOST_OFF_MS


def test_a_turn_that_is_told_40_ms_late_would_be_found() -> None:
    assert max(map(abs, onset_errors_ms(SAMPLES["Cancel the add-on"], told_late_ms=40))) > MOST_OFF_MS


@pytest.mark.parametrize("sample", HEARD, ids=lambda sample: sample.subject)
def test_a_recording_is_as_long_as_it_is_told(sample: Sample) -> None:
    with av.open(str(sample.recording)) as container:
        frames = sum(frame.samples for frame in container.decode(audio=0))
        length_ms = frames * 1_000 / container.streams.audio[0].rate
    # a codec fills up its last frame
    assert -1 <= length_ms - sample.duration_ms <= 80


def test_the_quiet_between_turns_is_quiet_and_both_parties_are_level() -> None:
    samples, rate = heard(SAMPLES["Cancel the add-on"])
    level = levels(samples[0], rate)
    spoken = {role: np.zeros(len(level), bool) for role in ("assistant", "user")}
    for turn in SAMPLES["Cancel the add-on"].truth:
        spoken[turn.role][turn.start_ms // STEP_MS : turn.end_ms // STEP_MS] = True
    agent, customer = (np.sqrt(np.mean(level[at] ** 2)) for at in spoken.values())
    assert 0.5 < agent / customer < 2
    assert np.median(level[~(spoken["assistant"] | spoken["user"])]) < AUDIBLE / 10


def test_there_is_enough_to_listen_to() -> None:
    assert len(CONVERSATIONS) >= 13
    assert all(10 <= len(sample.truth) <= 60 for sample in CONVERSATIONS)
    for sample in CONVERSATIONS:
        assert {turn.role for turn in sample.truth} == {"assistant", "user"}
    hour = SAMPLES["Long support call"]
    assert 59 <= hour.duration_ms / 60_000 <= 63
    texts = [turn["text"] for turn in hour.transcript]
    assert len(set(texts)) == len(texts)


def test_the_formats_that_are_met_are_there() -> None:
    kinds = []
    for sample in SPOKEN:
        with av.open(str(sample.recording)) as container:
            stream = container.streams.audio[0]
            kinds.append((sample.told["container"], stream.codec_context.name, stream.channels))
    assert kinds.count(("mp4", "aac", 2)) >= 2
    assert kinds.count(("mp4", "aac", 1)) > len(kinds) / 2
    others = {("wav", "pcm_s16le", 1), ("ogg", "opus", 1), ("mp3", "mp3float", 1)}
    assert others <= set(kinds)
    mp4s = [
        sample.recording.read_bytes() for sample in SPOKEN if sample.recording and sample.recording.suffix == ".mp4"
    ]
    index_first = [data.index(b"moov") < data.index(b"mdat") for data in mp4s]
    assert True in index_first
    assert False in index_first


def test_both_speak_at_once_where_it_says_so() -> None:
    sample = SAMPLES["Talking over each other"]
    pairs = list(pairwise(sample.truth))
    over = [(before, after) for before, after in pairs if after.start_ms < before.end_ms]
    assert len(over) > len(pairs) / 2
    assert sample.told["interruption_count"] == len(over)
    samples, rate = heard(sample)
    sides = [levels(side, rate) > AUDIBLE for side in samples]
    both_ms = int(np.count_nonzero(sides[0] & sides[1])) * STEP_MS
    assert both_ms > 5_000


def test_the_planted_offset_is_in_the_transcript_and_not_in_the_truth() -> None:
    sample = SAMPLES["Address change"]
    early_by = {
        round(turn.start_ms - said["ts"] * 1_000) for turn, said in zip(sample.truth, sample.transcript, strict=True)
    }
    assert early_by == {1_370}


def test_a_sample_is_known_by_one_id_one_name_and_one_file() -> None:
    told = [sample.told for sample in load_samples(NOW)]
    assert len({each["session_id"] for each in told}) == len({each["subject"] for each in told}) == len(told)
    files = {path.name for path in resource("demo", "recordings").iterdir()}
    assert files == {each["media"] for each in told if each["media"]}


def test_it_is_small_enough_to_be_cloned() -> None:
    assert sum(path.stat().st_size for path in resource("demo").rglob("*") if path.is_file()) < 21_000_000


def test_today_and_yesterday_are_alive() -> None:
    days = [(NOW.date() - sample.created_at.date()).days for sample in SAMPLES.values()]
    assert days.count(0) >= 3
    assert days.count(1) >= 3
    assert all(sample.created_at < NOW for sample in SAMPLES.values())


class Api:
    """The demo's own API, asked as any client would."""

    def __init__(self, demo: DemoServer) -> None:
        self.at = demo.connections[0]

    def get(self, path: str) -> Any:
        request = Request(self.at.base_url + path, headers={"X-API-Key": self.at.key})
        with urlopen(request, timeout=20) as answer:
            return json.load(answer)["data"]

    def detail(self, subject: str) -> Any:
        return self.get(f"/api/billing/sessions/{SAMPLES[subject].session_id}/")


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    with DemoServer() as demo:
        yield Api(demo)


def test_everything_but_what_is_not_ours_is_listed(api: Api) -> None:
    listed = api.get("/api/billing/usage/?page_size=200")["sessions"]["data"]
    assert {each["session_id"] for each in listed} == {s.session_id for s in SAMPLES.values() if s.ours}
    with pytest.raises(HTTPError, match="404") as refused:
        api.detail("Someone else's call")
    refused.value.close()


def test_ten_thousand_turns_are_told_in_order_within_the_recording(api: Api) -> None:
    told = api.detail("Ten thousand turns")
    times = [turn["ts"] for turn in told["transcript"]]
    assert len(times) == told["turn_count"] == 10_000
    assert times == sorted(times)
    assert times[-1] < SAMPLES["Long support call"].duration_ms / 1_000
    assert told["recording_presigned_url"]


def test_what_has_no_recording_says_so(api: Api) -> None:
    silent, going_on = api.detail("Opening hours"), api.detail("New call")
    assert (silent["recording_status"], silent["recording_presigned_url"]) == ("NONE", None)
    assert silent["transcript"]
    assert (going_on["recording_status"], going_on["finalized_at"]) == ("RECORDING", None)
    assert going_on["transcript"]


def test_the_messy_transcript_is_messy_in_every_way(api: Api) -> None:
    told = api.detail("Messy transcript")
    turns = told["transcript"]
    times = [turn.get("ts", "missing") for turn in turns]
    numbers = [time for time in times if isinstance(time, float | int) and not isinstance(time, bool)]
    assert {"missing", None, "3.5"} <= {time for time in times if not isinstance(time, list | dict)}
    assert any(map(math.isnan, numbers))
    assert math.inf in numbers
    assert min(number for number in numbers if math.isfinite(number)) < 0
    assert any(1.7e9 < number < 1.8e9 for number in numbers)
    assert max(numbers.count(number) for number in numbers) >= 3
    assert any(after < before for before, after in pairwise(numbers))
    roles = {turn.get("role", "missing") for turn in turns}
    assert {"system", "tool", "Assistant", "", "supervisor", None, "missing"} <= roles
    texts = [text for turn in turns if isinstance(text := turn.get("text"), str)]
    for piece in ("<script>", "&amp;", "\u202e", "\u200b", "\0", "\nUser: ", "\ud800"):
        assert any(piece in text for text in texts), ascii(piece)
    assert max(map(len, texts)) == 100_000
    indexes = [turn.get("turn_index", "missing") for turn in turns]
    assert indexes.count(3) == 2
    assert 4 not in indexes
    assert "missing" in indexes
    assert told["turn_count"] != len(turns)
    assert told["user"] is None
    assert told["origin_url"].startswith("javascript:")
