"""The recordings on this computer: sealed, byte for byte what the provider has, renewed before they are missed."""

from qa_player.media.cache.cached import CachedRecording
from qa_player.media.cache.keeping import CacheIndex
from qa_player.media.cache.recordings import RecordingCache

__all__ = ["CacheIndex", "CachedRecording", "RecordingCache"]
