"""Known trouble has one name each, the exit status that scripts rely on, and a sentence with a next step."""

from __future__ import annotations

import re

import pytest

from qa_player import errors
from qa_player.errors import KeychainError, QaPlayerError


def every_kind() -> list[type[QaPlayerError]]:
    found, waiting = [], [QaPlayerError]
    while waiting:
        kind = waiting.pop()
        found.append(kind)
        waiting += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = dict(re.findall(r"([A-Z]\w+Error)\s+exit (\d+)", errors.__doc__ or ""))
    assert drawn == {kind.__name__: str(kind.exit_status) for kind in every_kind()}


def test_scripts_can_tell_them_apart() -> None:
    kinds = [kind.kind for kind in every_kind()]
    assert len(set(kinds)) == len(kinds)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("UsageError", 2),
        ("KeyRefusedError", 3),
        ("NotFoundError", 4),
        ("NoRecordingError", 4),
        ("GoneError", 5),
        ("NotReadyError", 6),
        ("NetworkError", 7),
        ("IntegrityError", 8),
        ("StorageError", 9),
        ("KeychainError", 9),
    ],
)
def test_the_exit_status_is_the_contract_s(name: str, status: int) -> None:
    assert getattr(errors, name).exit_status == status


def test_a_special_case_keeps_the_status_of_what_it_is_a_case_of() -> None:
    for kind in every_kind():
        if QaPlayerError not in kind.__bases__ and kind is not QaPlayerError:
            assert kind.exit_status == kind.__bases__[0].exit_status


def test_it_reads_as_a_sentence_and_a_next_step() -> None:
    error = errors.GoneError("The session was deleted.", "Ask the provider.")
    assert (error.message, error.next_step) == ("The session was deleted.", "Ask the provider.")
    assert str(error) == "The session was deleted. Ask the provider."
    assert str(errors.GoneError("It is gone.", "")) == "It is gone."


def test_a_keychain_s_state_is_kept() -> None:
    assert KeychainError("It is locked.", "Unlock it.", state="locked").state == "locked"
