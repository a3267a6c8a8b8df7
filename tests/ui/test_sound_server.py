"""A sound server that dies is noticed at once, and trusted again only when Qt can have found it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from qa_player.ui.sound_server import SoundServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sound servers listen on sockets of Unix")


class Server:
    """Listens like a sound server; dies when told."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._path = path
        self._taken: list[socket.socket] = []

    def take(self) -> None:
        self._taken.append(self._listening.accept()[0])

    def die(self) -> None:
        for connection in (*self._taken, self._listening):
            connection.close()
        self._path.unlink()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "native"


def test_while_it_lives_it_is_alive(path: Path) -> None:
    server = Server(path)
    watch = SoundServer(path)
    server.take()
    assert all(watch.alive() for _ in range(5))
    watch.close()
    server.die()


def test_its_death_is_noticed_and_a_new_one_is_not_trusted_at_once(path: Path) -> None:
    server = Server(path)
    watch = SoundServer(path)
    server.take()
    server.die()
    assert not watch.alive()
    another = Server(path)
    assert not watch.alive()
    another.die()
    watch.close()


def test_where_there_is_none_nothing_is_held_against_it(path: Path) -> None:
    watch = SoundServer(path)
    assert watch.alive()
    watch.close()
