"""Keys in the operating system's keychain, and nowhere else. The only door to keyring.

The backend is chosen by us among those that protect what they hold: neither an environment variable nor keyring's own
configuration can put another in its place (one of them could put a folder on the import path). Every call runs in a
thread of its own that never keeps the program from ending, and is answered within a limit.
"""

from qa_player.credentials.home_key import home_key
from qa_player.credentials.keychain import Keychain, MemoryKeychain
from qa_player.credentials.system import SystemKeychain

__all__ = ["Keychain", "MemoryKeychain", "SystemKeychain", "home_key"]
