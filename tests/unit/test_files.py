"""Files of ours are whole or untouched, for us alone, and named so that nobody outside can choose where they lie."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa_player.errors import DiskFullError, StorageError, UsageError
from qa_player.files import (
    Home,
    home_at,
    place_to_write,
    private_folder,
    resource,
    safe_name,
    storage_errors,
    write_whole,
    writing_alone,
    writing_whole,
)

Writer = Callable[[Path], AbstractContextManager[BinaryIO]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestHome:
    def test_an_argument_goes_before_the_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QA_PLAYER_HOME", str(tmp_path / "named"))
        assert home_at(tmp_path / "asked").folder == tmp_path / "asked"
        assert home_at(None).folder == tmp_path / "named"

    def test_without_either_it_is_the_platform_s_folder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("QA_PLAYER_HOME", raising=False)
        assert home_at(None).folder.name == "qa-player"

    def test_a_relative_or_short_name_is_made_absolute(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        assert home_at(Path("here")).folder == tmp_path / "here"
        assert home_at(Path("~/there")).folder == Path(os.environ["HOME"]) / "there"

    def test_everything_lies_in_it_and_is_ours_alone(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "a" / "home").make()
        places = [home.database, home.settings_file, home.recordings, home.sealed_secrets, home.log_file]
        assert all(place.is_relative_to(home.folder) for place in places)
        assert home.database == home.folder / "qa-player.db"
        for folder in (home.folder, home.recordings, home.sealed_secrets):
            assert mode(folder) == 0o700

    @pytest.mark.parametrize("shared", [0o1777, 0o777, 0o775, 0o1755])
    def test_a_folder_that_others_write_into_is_not_closed_to_them(self, tmp_path: Path, shared: int) -> None:
        (tmp_path / "theirs").touch()
        tmp_path.chmod(shared)
        with pytest.raises(UsageError, match="shared with others"):
            Home(tmp_path).make()
        assert (mode(tmp_path), os.listdir(tmp_path)) == (shared, ["theirs"])

    def test_an_empty_folder_and_one_with_a_person_s_own_files_become_ours(self, tmp_path: Path) -> None:
        empty, own = tmp_path / "empty", tmp_path / "own"
        for folder, before in ((empty, 0o777), (own, 0o755)):
            folder.mkdir()
            folder.chmod(before)
        (own / "letter.txt").touch()
        for folder in (empty, own):
            assert mode(Home(folder).make().folder) == 0o700

    def test_a_home_that_somebody_opened_to_others_is_closed_again(self, tmp_path: Path) -> None:
        home = Home(tmp_path / "home").make()
        for file in (home.database, home.id_file, home.settings_file, home.log_file):
            file.touch()
        home.folder.chmod(0o777)
        assert mode(home.make().folder) == 0o700


class TestWritingWhole:
    def test_it_replaces_and_is_ours_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        write_whole(path, b"new")
        assert path.read_bytes() == b"new"
        assert mode(path) == 0o600
        assert os.listdir(tmp_path) == ["file"]

    def test_a_failure_in_the_middle_leaves_what_was_there_and_nothing_else(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        with pytest.raises(TypeError), writing_whole(path) as file:
            file.writelines([b"half", "no bytes"])  # type: ignore[list-item]
        assert path.read_bytes() == b"old"
        assert os.listdir(tmp_path) == ["file"]

    def test_a_kill_in_the_middle_leaves_what_was_there(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        path.write_bytes(b"old")
        program = (
            "import os, pathlib, sys; from qa_player.files import writing_whole\n"
            "with writing_whole(pathlib.Path(sys.argv[1])) as file:\n"
            "    file.write(b'half'); file.flush(); os.kill(os.getpid(), 9)"
        )
        killed = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
        assert killed.returncode == -9
        assert path.read_bytes() == b"old"

    @pytest.mark.parametrize("write", [writing_whole, writing_alone])
    def test_behind_a_link_its_target_is_written_and_the_link_stays(self, tmp_path: Path, write: Writer) -> None:
        there, link = tmp_path / "there", tmp_path / "link"
        (tmp_path / "folder").mkdir()
        there.write_bytes(b"old")
        link.symlink_to(there)
        dangling = tmp_path / "dangling"
        dangling.symlink_to(tmp_path / "folder" / "new")
        for path in (link, dangling):
            assert place_to_write(path) == path.resolve()
            with write(path) as file:
                file.write(b"new")
            assert (path.is_symlink(), path.read_bytes()) == (True, b"new")

    @pytest.mark.parametrize("write", [writing_whole, writing_alone])
    def test_what_is_no_file_is_not_replaced(self, tmp_path: Path, write: Writer) -> None:
        pipe, circle, link = tmp_path / "pipe", tmp_path / "circle", tmp_path / "link"
        os.mkfifo(pipe)
        circle.symlink_to(circle)
        link.symlink_to("/dev/null")
        before = sorted(os.listdir(tmp_path))
        for path in (pipe, circle, link, tmp_path, Path("/dev/null")):
            for refused in (lambda path=path: write(path).__enter__(), lambda path=path: place_to_write(path)):
                with pytest.raises(UsageError, match="not a file"):
                    refused()
        assert stat.S_ISFIFO(pipe.stat().st_mode)
        assert sorted(os.listdir(tmp_path)) == before

    def test_where_there_is_no_folder_nothing_can_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "absent" / "file")
        for path in (tmp_path / "absent" / "file", tmp_path / "link"):
            with pytest.raises(UsageError, match="no folder"):
                place_to_write(path)

    def test_a_folder_that_is_not_there_is_told_without_its_name(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError) as raised:
            write_whole(tmp_path / "absent" / "file", b"")
        assert "absent" not in str(raised.value)

    def test_folders_that_others_could_read_are_closed(self, tmp_path: Path) -> None:
        folder = tmp_path / "open"
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
        assert mode(private_folder(folder)) == 0o700


class TestStorageErrors:
    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk that is always full")
    def test_a_disk_that_is_really_full(self) -> None:
        with pytest.raises(DiskFullError), storage_errors(), open("/dev/full", "wb", buffering=0) as full:
            full.write(b"x")

    @pytest.mark.parametrize(
        ("number", "kind"),
        [
            (errno.ENOSPC, DiskFullError),
            (errno.EDQUOT, DiskFullError),
            (errno.EACCES, StorageError),
            (errno.EROFS, StorageError),
            (errno.EIO, StorageError),
        ],
    )
    def test_the_system_s_word_becomes_ours_without_the_path(self, number: int, kind: type[StorageError]) -> None:
        with pytest.raises(StorageError) as raised, storage_errors():
            raise OSError(number, os.strerror(number), "/home/someone/patient")
        assert type(raised.value) is kind
        assert "patient" not in str(raised.value)
        assert raised.value.next_step

    def test_other_failures_pass(self) -> None:
        with pytest.raises(KeyError), storage_errors():
            raise KeyError


class TestSafeNames:
    @given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
    def test_a_name_is_a_plain_short_file_name(self, parts: list[str]) -> None:
        name = safe_name(*parts)
        assert name
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert not name.startswith("-")
        assert len(name) <= 60

    @given(st.lists(st.text(max_size=20).filter(lambda text: "\0" not in text), min_size=1, max_size=3), st.data())
    def test_other_things_have_other_names(self, parts: list[str], data: st.DataObject) -> None:
        others = data.draw(st.lists(st.text(max_size=20).filter(lambda text: "\0" not in text), min_size=1, max_size=3))
        assert (safe_name(*parts) == safe_name(*others)) == (parts == others)

    def test_what_looks_alike_on_disk_is_kept_apart(self) -> None:
        names = {safe_name(name) for name in ("a/b", "a-b", "A-B", "a\\b", "../a/b", "a b")}
        assert len(names) == 6


class TestResources:
    def test_a_shipped_file_is_found(self) -> None:
        assert resource().is_dir()

    def test_a_missing_one_is_told(self) -> None:
        with pytest.raises(StorageError, match=r"icons/never\.svg"):
            resource("icons", "never.svg")
