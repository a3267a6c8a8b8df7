"""The keychain of the tests is a real one: it keeps, it locks, it can be deaf and it can be absent."""

from __future__ import annotations

import threading

import pytest
from keyring.backends.SecretService import Keyring
from keyring.errors import InitError, KeyringError, KeyringLocked

from parts.secret_service import SecretService


def test_it_keeps_what_it_is_given(secret_service: SecretService) -> None:
    Keyring().set_password("qa", "entry", "täst")
    assert Keyring().get_password("qa", "entry") == "täst"
    assert Keyring().get_password("qa", "another") is None


def test_locked_it_gives_nothing(secret_service: SecretService) -> None:
    Keyring().set_password("qa", "entry", "test")
    secret_service.lock()
    with pytest.raises((KeyringLocked, InitError)):
        Keyring().get_password("qa", "entry")


def test_frozen_it_does_not_answer(secret_service: SecretService) -> None:
    secret_service.freeze()
    answers: list[object] = []

    def ask() -> None:
        try:
            answers.append(Keyring().get_password("qa", "entry"))
        except Exception as failure:
            answers.append(failure)

    asking = threading.Thread(target=ask, name="asking")
    asking.start()
    asking.join(0.3)
    assert asking.is_alive()
    assert answers == []
    secret_service.stop()
    asking.join(10)
    assert len(answers) == 1, "once it is gone, who asks is let go"


def test_stopped_it_is_absent(secret_service: SecretService) -> None:
    secret_service.stop()
    with pytest.raises((KeyringError, OSError)):
        Keyring().get_password("qa", "entry")
