"""The login of the stand-in for Oshara: `POST /api/auth/login/` and `/api/auth/refresh/`, both without an envelope.

As its page "Authentication" has it: an access token for 10 days, a refresh token for 30. Refresh tokens rotate: each is
good once. ``access_s`` makes access tokens live shorter.
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from typing import Any

from qa_player.demo.wire import Asked, Told

LOGIN = "/api/auth/login/"
REFRESH = "/api/auth/refresh/"
EMAIL = "reviewer@acme.example"


class OsharaLogin:
    """One account. ``access_s`` and ``refresh_s`` are how many seconds tokens made from now on are good."""

    def __init__(self) -> None:
        self.email = EMAIL
        self.password = secrets.token_urlsafe(16)
        self.access_s = 10 * 86_400.0
        self.refresh_s = 30 * 86_400.0
        self.rotates = True
        self._access: dict[str, float] = {}
        self._refresh: dict[str, float] = {}
        self._guard = threading.Lock()

    def answer(self, asked: Asked) -> Told | None:
        """200, 400, 401 or 405; null for what is no business of a login."""
        if asked.path not in (LOGIN, REFRESH):
            return None
        if asked.method != "POST":
            return _told(405, {"detail": f'Method "{asked.method}" not allowed.'})
        try:
            given = json.loads(asked.body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            return _told(400, {"detail": "JSON parse error."})
        return self._log_in(given) if asked.path == LOGIN else self._renew(given)

    def admits(self, authorization: str) -> bool:
        """Whether a header ``Authorization`` holds a living access token."""
        kind, _, token = authorization.partition(" ")
        return kind == "Bearer" and self._access.get(token, 0.0) > time.time()

    def end(self) -> None:
        """Every token given so far is refused from now on."""
        with self._guard:
            self._access.clear()
            self._refresh.clear()

    def end_access(self) -> None:
        """Every access token given so far is refused from now on."""
        self._access.clear()

    def _log_in(self, given: dict[str, Any]) -> Told:
        missing = {name: ["This field is required."] for name in ("email", "password") if not given.get(name)}
        if missing:
            return _told(400, missing)
        if (given["email"], given["password"]) != (self.email, self.password):
            return _told(401, {"detail": "No active account found with the given credentials"})
        return _told(200, {"access": self._made(self._access, self.access_s), "refresh": self._new_refresh()})

    def _renew(self, given: dict[str, Any]) -> Told:
        with self._guard:
            token = str(given.get("refresh"))
            if self._refresh.get(token, 0.0) <= time.time():
                return _told(401, {"detail": "Token is invalid or expired", "code": "token_not_valid"})
            access = {"access": self._made(self._access, self.access_s)}
            if not self.rotates:
                return _told(200, access)
            del self._refresh[token]
            return _told(200, access | {"refresh": self._new_refresh()})

    def _new_refresh(self) -> str:
        return self._made(self._refresh, self.refresh_s)

    def _made(self, tokens: dict[str, float], life_s: float) -> str:
        now = time.time()
        claims = {"exp": int(now + life_s), "iat": int(now), "jti": secrets.token_hex(8), "user_id": 7}
        token = ".".join((_part({"alg": "HS256", "typ": "JWT"}), _part(claims), secrets.token_urlsafe(32)))
        tokens[token] = now + life_s
        return token


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _told(status: int, data: dict[str, Any]) -> Told:
    return Told(status, json.dumps(data).encode())
