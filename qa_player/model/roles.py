"""Roles: our word for what providers and files call a speaker."""

from __future__ import annotations

from qa_player.model.transcript import Role

_ROLES = {
    **dict.fromkeys(("user", "customer", "caller", "client", "human", "patient"), Role.USER),
    **dict.fromkeys(("assistant", "agent", "bot", "ai", "model"), Role.AGENT),
    **dict.fromkeys(("system", "developer"), Role.SYSTEM),
    **dict.fromkeys(("tool", "function", "function_call", "tool_call", "tool_result"), Role.TOOL),
    **dict.fromkeys(("third_party", "transfer_target"), Role.THIRD_PARTY),
}


def role_of(raw: str) -> Role:
    """Our word for a provider's, whatever its case; the provider's is kept beside it."""
    return _ROLES.get(raw.strip().lower().replace(" ", "_").replace("-", "_"), Role.UNKNOWN)
