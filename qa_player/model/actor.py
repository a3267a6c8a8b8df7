"""Who does it: a login of the operating system and the name the person goes by."""

from __future__ import annotations

from qa_player.model.value import Name, ShortText, Value


class Actor(Value):
    """The author of annotations and audit events. ``display_name`` is asked once; until then it is the login."""

    login: Name
    display_name: ShortText = ""

    @property
    def shown(self) -> str:
        """The name a person reads."""
        return self.display_name or self.login
