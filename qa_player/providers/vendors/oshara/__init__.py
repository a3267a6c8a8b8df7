"""Oshara: voice agents with their sessions, recordings and the forms that were filled in."""

from qa_player.providers.vendors.oshara.provider import PROVIDER, Oshara

__all__ = ["PROVIDER", "Oshara"]
