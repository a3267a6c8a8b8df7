"""Decoding gives the right samples at the right place from any position, and a sentence for what is no sound."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from parts import process, tape
from qa_player.errors import MediaError, NetworkError
from qa_player.media.container.headers import MediaFile
from qa_player.media.decode.decoder import Decoder
from qa_player.media.decode.probe import probe

SECONDS = 12
FORMATS = ("wav", "ogg", "m4a", "mp3")
SEEKS = 25

needs_ffmpeg = pytest.mark.skipif(process.missing("ffmpeg") is not None, reason=process.missing("ffmpeg") or "")


class InOrder:
    """A recording whose bytes come in their order only."""

    size = None

    def __init__(self, data: bytes) -> None:
        self._file = tape.Bytes(data)

    def read(self, count: int = -1, /) -> bytes:
        return self._file.read(count)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        raise AssertionError("seek was asked of bytes that come in order")

    def tell(self) -> int:
        raise AssertionError("tell was asked of bytes that come in order")

    def seekable(self) -> bool:
        return False


@pytest.fixture(scope="module")
def noise() -> NDArray[np.float32]:
    """Sound of which no two moments are alike: two channels of filtered noise."""
    samples = np.random.default_rng(7).standard_normal((SECONDS * 48_000, 2))
    return (np.cumsum(samples - samples.mean(axis=0), axis=0) % 2.0 - 1.0).astype(np.float32) * 0.4


@pytest.fixture(scope="module")
def recordings(noise: NDArray[np.float32], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., bytes]:
    made: dict[tuple[str, ...], bytes] = {}

    def recording(kind: str, *options: str) -> bytes:
        if (kind, *options) not in made:
            folder = tmp_path_factory.mktemp("tape")
            made[kind, *options] = tape.encoded(tape.wav(noise), kind, folder, *options)
        return made[kind, *options]

    return recording


def _all(decoder: Decoder) -> NDArray[np.float32]:
    blocks = []
    place = None
    while (block := decoder.read()) is not None:
        assert place in (None, block.start), "blocks follow one another without hole or overlap"
        place = block.end
        blocks.append(block.samples)
    return np.concatenate(blocks, axis=1)


def _piece(decoder: Decoder, count: int) -> tuple[int, NDArray[np.float32]]:
    first = decoder.read()
    assert first is not None
    samples = first.samples
    while samples.shape[1] < count and (block := decoder.read()) is not None:
        samples = np.concatenate([samples, block.samples], axis=1)
    return first.start, samples


def _samples_off(whole: NDArray[np.float32], piece: NDArray[np.float32], place: int) -> int:
    """How many samples ``piece`` lies from ``place`` in ``whole``, by the best match within 1,000 samples."""
    piece = piece[0, : min(4_000, whole.shape[1] - place)]
    reach = 1_000
    low = max(place - reach, 0)
    window = whole[0, low : place + reach + len(piece)]
    squares = np.concatenate([[0.0], np.cumsum(window.astype(np.float64) ** 2)])
    energy = squares[len(piece) :] - squares[: -len(piece)]
    distance = energy - 2 * np.correlate(window.astype(np.float64), piece.astype(np.float64), "valid")
    return int(np.argmin(distance)) + low - place


def _wanted_places(duration_ms: float) -> list[float]:
    draw = random.Random(11)
    return [0.0, 1.0, 499.0, 700.0, *(draw.uniform(0, duration_ms - 200) for _ in range(SEEKS - 4))]


@needs_ffmpeg
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        *((kind, ()) for kind in FORMATS),
        ("mp3", ("-q:a", "4")),
        ("mp3", ("-q:a", "4", "-write_xing", "0")),
        ("ogg", ("-c:a", "libvorbis")),
        ("webm", ("-c:a", "libopus")),
        ("m4a", ("-movflags", "+faststart")),
        ("m4a", ("-movflags", "frag_keyframe+empty_moov", "-frag_duration", "1000000")),
        ("flac", ()),
        ("wav", ("-ar", "8000", "-c:a", "pcm_mulaw")),
    ],
    ids=lambda value: value if isinstance(value, str) else "_".join(value).replace("-", "") or "plain",
)
def test_seeks_land_on_the_sample(recordings: Callable[..., bytes], kind: str, options: tuple[str, ...]) -> None:
    data = recordings(kind, *options)
    whole = _all(Decoder(lambda: tape.Bytes(data)))
    for at_ms in _wanted_places(SECONDS * 1_000):
        decoder = Decoder(lambda: tape.Bytes(data))
        decoder.seek(at_ms)
        start, piece = _piece(decoder, 4_000)
        assert start == round(at_ms * decoder.facts.sample_rate / 1_000)
        assert _samples_off(whole, piece, start) == 0, f"{kind} at {at_ms:.0f} ms"
        decoder.close()


@needs_ffmpeg
@pytest.mark.parametrize("kind", FORMATS)
def test_one_decoder_goes_to_and_fro(recordings: Callable[..., bytes], kind: str) -> None:
    data = recordings(kind)
    decoder = Decoder(lambda: tape.Bytes(data))
    whole = _all(decoder)
    for at_ms in _wanted_places(SECONDS * 1_000):
        decoder.seek(at_ms)
        start, piece = _piece(decoder, 4_000)
        assert _samples_off(whole, piece, start) == 0, f"{kind} at {at_ms:.0f} ms"
    decoder.close()


def test_the_ruler_itself_sees_one_sample(noise: NDArray[np.float32]) -> None:
    whole = np.ascontiguousarray(noise.T)
    assert _samples_off(whole, whole[:, 20_001:24_001], 20_000) == 1
    assert _samples_off(whole, whole[:, 20_000:24_000], 20_000) == 0


@needs_ffmpeg
@pytest.mark.parametrize(
    ("kind", "options"), [("wav", ()), ("ogg", ()), ("mp3", ()), ("m4a", ("-movflags", "+faststart"))]
)
def test_bytes_that_come_in_order_are_played_and_replayed(
    recordings: Callable[..., bytes], kind: str, options: tuple[str, ...]
) -> None:
    data = recordings(kind, *options)
    decoder = Decoder(lambda: InOrder(data))
    whole = _all(decoder)
    assert abs(whole.shape[1] - SECONDS * 48_000) < 2_000
    for at_ms in (8_000, 300, 11_000):
        decoder.seek(at_ms)
        start, piece = _piece(decoder, 4_000)
        assert start == at_ms * 48
        assert _samples_off(whole, piece, start) == 0
    decoder.close()


@needs_ffmpeg
def test_an_index_at_the_end_waits_for_the_whole_file(recordings: Callable[..., bytes]) -> None:
    data = recordings("m4a")
    openings: list[MediaFile] = []

    def open_file() -> MediaFile:
        openings.append(InOrder(data) if not openings else tape.Bytes(data))
        return openings[-1]

    decoder = Decoder(open_file)
    assert decoder.facts.duration_ms == pytest.approx(SECONDS * 1_000, abs=1)
    assert _all(decoder).shape[1] >= SECONDS * 48_000


@needs_ffmpeg
@pytest.mark.parametrize(
    ("kind", "options", "container", "codec", "exact"),
    [
        ("wav", (), "wav", "pcm_s16le", True),
        ("wav", ("-ar", "8000", "-c:a", "pcm_alaw"), "wav", "pcm_alaw", True),
        ("ogg", (), "ogg", "opus", True),
        ("m4a", (), "mp4", "aac", True),
        ("mp3", (), "mp3", "mp3", True),
        ("mp3", ("-q:a", "4", "-write_xing", "0"), "mp3", "mp3", False),
        ("aac", (), "aac", "aac", False),
        ("flac", (), "flac", "flac", True),
        ("webm", ("-c:a", "libopus"), "webm", "opus", True),
    ],
)
def test_facts(
    recordings: Callable[..., bytes], kind: str, options: tuple[str, ...], container: str, codec: str, exact: bool
) -> None:
    data = recordings(kind, *options)
    decoder = Decoder(lambda: tape.Bytes(data))
    facts = decoder.facts
    decoder.close()
    assert (facts.container, facts.codec, facts.channels, facts.duration_exact) == (container, codec, 2, exact)
    if exact:
        assert facts.duration_ms == pytest.approx(SECONDS * 1_000, abs=10)

    known = probe(tape.Bytes(data))
    assert (known.container, known.codec, known.bytes, known.verified) == (container, codec, len(data), False)
    assert known.duration_ms == pytest.approx(SECONDS * 1_000, abs=45)  # codecs pad their last block


@pytest.mark.parametrize("stated", [0, 0xFFFFFFFF, 500_000_000])
def test_a_wav_header_that_lies_is_believed_as_far_as_the_bytes_go(noise: NDArray[np.float32], stated: int) -> None:
    data = bytearray(tape.wav(noise))
    struct.pack_into("<I", data, data.index(b"data") + 4, stated)
    decoder = Decoder(lambda: tape.Bytes(bytes(data)))
    assert decoder.facts.duration_ms == pytest.approx(SECONDS * 1_000)
    assert _all(decoder).shape[1] == SECONDS * 48_000


@needs_ffmpeg
@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_cut_short_plays_to_where_it_was_cut(recordings: Callable[..., bytes], kind: str) -> None:
    data = recordings(kind, "-movflags", "+faststart") if kind == "m4a" else recordings(kind)
    half = data[: len(data) // 2]
    samples = _all(Decoder(lambda: tape.Bytes(half)))
    assert 0.3 < samples.shape[1] / (SECONDS * 48_000) < 0.7


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><title>Sign in to the network</title>" * 50,
        b'{"error": "expired"}',
        b"OggS" + bytes(4_000),
        b"RIFF\x00\x00\x00\x00WAVE" + bytes(200),
        b"\x00\x00\x00\x18ftypM4A " + bytes(4_000),
        b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"not sound " * 400,
        b"fLaC" + bytes(4_000),
        b"#EXTM3U\nhttp://localhost/other.mp3\n" * 20,
    ],
    ids=["empty", "html", "json", "ogg", "wav", "mp4", "mp3", "flac", "playlist"],
)
def test_what_is_no_sound_is_told_in_a_sentence(data: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(MediaError) as refused:
        Decoder(lambda: tape.Bytes(data))
    assert refused.value.message.endswith(".")
    assert refused.value.next_step
    assert capfd.readouterr() == ("", "")


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["wav", "ogg", "m4a"])
def test_damage_ends_in_sound_or_a_sentence_and_prints_nothing(
    recordings: Callable[..., bytes], kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = recordings(kind)[:150_000] if kind == "wav" else recordings(kind)
    draw = random.Random(kind)
    for _ in range(40):
        mutant = bytearray(whole)
        for _ in range(draw.choice((1, 8, 64))):
            mutant[int(draw.random() ** 2 * len(mutant))] = draw.randrange(256)
        try:
            decoder = Decoder(lambda data=bytes(mutant): tape.Bytes(data))
            decoder.seek(draw.uniform(0, 12_000))
            for _ in range(200):
                if decoder.read() is None:
                    break
            decoder.close()
        except MediaError:
            continue
    assert capfd.readouterr() == ("", "")


class Failing(tape.Bytes):
    """A recording that comes 4 KiB at a time and stops coming after ``after`` reads."""

    def __init__(self, data: bytes, after: int) -> None:
        super().__init__(data)
        self.after = after
        self.reads = 0

    def read(self, count: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > self.after:
            raise NetworkError("Nothing came.", "Try again.")
        return super().read(4_096 if count is None or count < 0 else min(count, 4_096))


def _reads(data: bytes) -> tuple[int, int]:
    """Reads that opening takes, and reads that the whole recording takes."""
    files: list[Failing] = []

    def open_file() -> MediaFile:
        files.append(Failing(data, 1_000_000))
        return files[-1]

    decoder = Decoder(open_file)
    opening = files[0].reads
    _all(decoder)
    assert len(files) == 1
    return opening, files[0].reads


@needs_ffmpeg
@pytest.mark.parametrize("kind", FORMATS)
def test_a_failing_read_comes_back_as_it_was_raised(
    recordings: Callable[..., bytes], kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    data = recordings(kind)
    opening, whole = _reads(data)
    for after in {0, 1, 2, opening - 1, opening, (opening + whole) // 2, whole - 1}:
        with pytest.raises(NetworkError):
            _all(Decoder(lambda after=after: Failing(data, after)))
    _all(Decoder(lambda: Failing(data, whole)))
    assert capfd.readouterr() == ("", "")


@needs_ffmpeg
@pytest.mark.parametrize("kind", ["wav", "m4a", "mp3"])
def test_after_a_failing_read_it_goes_on_where_it_was(recordings: Callable[..., bytes], kind: str) -> None:
    data = recordings(kind)
    whole = _all(Decoder(lambda: tape.Bytes(data)))
    opening, every = _reads(data)
    assert every > opening + 10
    files: list[MediaFile] = []

    def open_file() -> MediaFile:
        files.append(Failing(data, (opening + every) // 2) if not files else tape.Bytes(data))
        return files[-1]

    decoder = Decoder(open_file)
    ends = [0]

    def read_on() -> None:
        while (block := decoder.read()) is not None:
            ends.append(block.end)

    with pytest.raises(NetworkError):
        read_on()
    assert len(ends) > 1
    following = decoder.read()
    assert following is not None
    assert following.start == ends[-1]
    assert _samples_off(whole, _piece(decoder, 4_000)[1], following.end) == 0


def test_a_recording_opens_nothing_else(tmp_path: Path) -> None:
    """An mp4 whose sound is said to lie in another file gives no sound of that file."""
    other = tmp_path / "other.wav"
    other.write_bytes(tape.wav(tape.bursts(1_000)))
    playlist = f"#EXTM3U\n#EXTINF:1,\n{other.as_uri()}\n#EXT-X-ENDLIST\n".encode()
    for data in (playlist, f"ffconcat version 1.0\nfile '{other}'\n".encode()):
        with pytest.raises(MediaError):
            Decoder(lambda data=data: tape.Bytes(data))
