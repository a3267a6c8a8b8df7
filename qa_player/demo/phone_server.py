"""One telephony stand-in on loopback: an origin for its API and one for the recordings."""

from __future__ import annotations

from typing import Self

from qa_player.demo.faults import Faults
from qa_player.demo.telephony import Telephone, failure
from qa_player.demo.wire import Logged, Origin


class PhoneServer:
    """``api_faults`` and ``media_faults`` make the two origins misbehave; ``log`` says what was asked of them."""

    def __init__(self, name: str, telephone: Telephone) -> None:
        self.telephone = telephone
        self._api = Origin(f"{name} api", telephone.answer, failure)
        self._media = Origin(f"{name} media", telephone.media, failure)
        telephone.media_origin = self._media.address
        telephone.media_faults = self._media.faults

    @property
    def base_url(self) -> str:
        """The address of a connection to it."""
        return self._api.address + self.telephone.base_path

    @property
    def api_faults(self) -> Faults:
        return self._api.faults

    @property
    def media_faults(self) -> Faults:
        return self._media.faults

    @property
    def log(self) -> tuple[Logged, ...]:
        """Every request so far, in the order in which they were answered."""
        return tuple(sorted(self._api.log + self._media.log, key=lambda logged: logged.at))

    @property
    def bugs(self) -> tuple[Exception, ...]:
        """What went wrong in the stand-in itself."""
        return (*self._api.bugs, *self._media.bugs)

    def start(self) -> Self:
        """Open both ports."""
        self._api.start()
        self._media.start()
        return self

    def stop(self) -> None:
        """Hang up every call that is sent, close both ports and every line."""
        self.telephone.streaming.close()
        self._api.stop()
        self._media.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
