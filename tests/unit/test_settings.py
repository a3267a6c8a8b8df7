"""Settings: defaults without a file, a sentence that names the field for what cannot be used, comments kept."""

from __future__ import annotations

import stat

import pytest

from qa_player.errors import UsageError
from qa_player.files import Home
from qa_player.settings import Settings, read_settings, write_settings


def test_without_a_file_everything_is_a_default(home: Home) -> None:
    assert read_settings(home) == Settings()


def test_what_was_written_is_read_and_defaults_are_not_written(home: Home) -> None:
    changed = Settings(theme="dark", speed=1.5, follow=False)
    write_settings(home, changed)
    assert read_settings(home) == changed
    text = home.settings_file.read_text("utf-8")
    assert "proxy" not in text
    assert stat.S_IMODE(home.settings_file.stat().st_mode) == 0o600

    write_settings(home, Settings(theme="dark"))
    assert read_settings(home) == Settings(theme="dark")
    assert "speed" not in home.settings_file.read_text("utf-8")


def test_a_person_s_comments_stay(home: Home) -> None:
    home.settings_file.write_text('# my own words\nspeed = 2.0 # fast\ntheme = "dark"\n', "utf-8")
    write_settings(home, read_settings(home).model_copy(update={"theme": "light"}))
    text = home.settings_file.read_text("utf-8")
    assert "# my own words" in text
    assert "# fast" in text
    assert read_settings(home) == Settings(speed=2.0, theme="light")


def test_kept_filters_stand_below_what_is_said_in_one_line(home: Home) -> None:
    kept = {"mine": '{"text": "a = 1"}', "two [words]": "{}"}
    write_settings(home, Settings(filters=kept))
    write_settings(home, Settings(filters=kept, theme="dark", speed=1.5))
    assert read_settings(home) == Settings(filters=kept, theme="dark", speed=1.5)
    write_settings(home, Settings(theme="dark"))
    assert read_settings(home) == Settings(theme="dark")


def test_a_whole_number_is_a_speed(home: Home) -> None:
    home.settings_file.write_text("speed = 2\n", "utf-8")
    assert read_settings(home).speed == 2.0


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("speed = nan", "speed"),
        ("speed = inf", "speed"),
        ("speed = 9.0", "speed"),
        ('speed = "fast"', "speed"),
        ('theme = "pink"', "theme"),
        ("follow = 1", "follow"),
        ("output_latency_ms = -1", "output_latency_ms"),
        ("version = 2", "version"),
        ("unheard_of = 1", "unheard_of"),
    ],
)
def test_what_cannot_be_used_is_named_but_not_repeated(home: Home, line: str, field: str) -> None:
    home.settings_file.write_text(f"{line}\n", "utf-8")
    with pytest.raises(UsageError) as raised:
        read_settings(home)
    assert field in str(raised.value)
    assert "pink" not in str(raised.value)
    assert str(home.folder) not in str(raised.value)
    assert raised.value.next_step


@pytest.mark.parametrize("content", [b"speed = ", b"\xff\xfe\x00", b"= 1"])
def test_a_file_that_is_not_toml_is_a_sentence(home: Home, content: bytes) -> None:
    home.settings_file.write_bytes(content)
    with pytest.raises(UsageError, match="not TOML"):
        read_settings(home)
