"""A connection: a provider, its address and the name under which its key lies in the keychain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from qa_player.model.value import Instant, Name, ShortText, Value


class Sides(Value):
    """What the two parties are called on screen: Agent and Customer, Assistant and User, Clinician and Patient."""

    agent: Name = "Agent"
    user: Name = "Customer"


PREFETCH = "prefetch"
"""The option that allows recordings to be fetched before somebody opens them: ``yes``, or ``no`` as without it."""


class Connection(Value):
    """A named door to one provider's sessions; the key itself is never part of it.

    ``options`` are the provider's own, as text (contract: ``--option K=V``).
    """

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/\x00-\x1f\x7f]+$")]
    provider: Name
    base_url: Annotated[str, Field(max_length=2_000)]
    options: Mapping[Name, ShortText] = Field(default_factory=dict)
    sides: Sides = Sides()
    created_at: Instant

    @field_validator("options")
    @classmethod
    def _allows_or_not(cls, options: Mapping[str, str]) -> Mapping[str, str]:
        if options.get(PREFETCH, "no") not in ("yes", "no"):
            raise ValueError("prefetch is yes or no")
        return options

    @property
    def prefetches(self) -> bool:
        """Whether the recording of what comes next may be fetched ahead."""
        return self.options.get(PREFETCH) == "yes"
