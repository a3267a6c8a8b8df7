"""The graph: built for a home, taken down whole, and no part left open because another failed."""

from __future__ import annotations

import pytest

from parts.loop import Loop
from qa_player.app import build
from qa_player.errors import NotFoundError
from qa_player.files import Home
from qa_player.model.start import Start


@pytest.fixture(autouse=True)
def _keys_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QA_PLAYER_KEYCHAIN", "memory")


def test_a_home_is_built_used_and_closed(loop: Loop, home: Home) -> None:
    async def use() -> None:
        app = await build(Start(home))
        await app.audit.record("session.opened", connection="acme", session_id="s1")
        assert [event.action for event in await app.audit.show()] == ["session.opened"]
        await app.aclose()
        with pytest.raises(RuntimeError):
            await app.audit.show()

    loop.run(use())


def test_what_fails_to_close_keeps_nothing_else_open(loop: Loop, home: Home) -> None:
    async def use() -> None:
        app = await build(Start(home))
        with pytest.raises(NotFoundError):
            await app.playback.open("nowhere", "s1")

        def fail(_state: object) -> None:
            raise ValueError("a handler that fails")

        app.playback.state_changed.connect(fail)
        with pytest.raises(ExceptionGroup):
            await app.aclose()
        with pytest.raises(RuntimeError):
            await app.audit.show()

    loop.run(use())
