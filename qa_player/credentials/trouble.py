"""A keychain's troubles, each with its state, its sentence and its next step."""

from __future__ import annotations

import sys

from qa_player.errors import KeychainError


def named(raised: BaseException) -> KeychainError:
    """Our error for what a backend raised, told from its class: texts differ by system and may hold anything."""
    chain: list[BaseException] = []
    link: BaseException | None = raised
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    names = {kind.__name__ for error in chain for kind in type(error).__mro__}
    refused = any(
        getattr(error, "winerror", None) == 5 or "AccessDenied" in str(getattr(error, "name", "")) for error in chain
    )
    if refused or "KeychainDenied" in names:
        return KeychainError(
            "The keychain denied this program access.", "Allow QA Player in the keychain's settings.", state="denied"
        )
    if names & {"KeyringLocked", "LockedException", "PromptDismissedException"}:
        return locked()
    if names & {"NoKeyringError", "SecretServiceNotAvailableException", "InitError", "ConnectionError"}:
        return absent(refused=None)
    if "PasswordSetError" in names:
        return not_kept()
    return KeychainError(
        f"The keychain answered with an error ({type(raised).__name__}).",
        "Open the keychain's own program and see whether it works, then try again.",
        state="failed",
    )


def locked() -> KeychainError:
    """It waits for its password."""
    return KeychainError("The keychain is locked.", "Unlock it with its password, then try again.", state="locked")


def hanging(limit_s: float) -> KeychainError:
    """It took the call and never answered."""
    return KeychainError(
        f"The keychain did not answer within {limit_s:g} seconds.",
        "If it shows a window, answer it; otherwise restart the keychain, then try again.",
        state="hanging",
    )


def not_kept() -> KeychainError:
    """It said it wrote what it does not hold."""
    return KeychainError(
        "The keychain did not keep the key: what was read back is not what was written.",
        "Open the keychain's own program and see whether it can be written to.",
        state="not_kept",
    )


def absent(*, refused: str | None) -> KeychainError:
    """There is none, or only ``refused``, which keeps keys in the clear or not at all."""
    start = (
        "Install and start GNOME Keyring, KWallet or KeePassXC, then try again."
        if sys.platform.startswith("linux")
        else "Sign in to the desktop so that the system's keychain is there, then try again."
    )
    if refused is None:
        return KeychainError("No keychain is running on this system.", start, state="absent")
    return KeychainError(
        f"No safe keychain is running; {refused} was refused because it does not protect keys.",
        start,
        state="refused_backend",
    )


def not_deleted() -> KeychainError:
    """It is still there after it was deleted."""
    return KeychainError(
        "The keychain did not delete the key.", "Delete it in the keychain's own program.", state="not_kept"
    )


def sealed_file_lost() -> KeychainError:
    """The keychain holds the key of a sealed file that cannot be opened."""
    return KeychainError(
        "The sealed file of a long key is missing or damaged.", "Enter the key again.", state="missing"
    )
