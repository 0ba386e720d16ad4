"""Limits on requests."""

from slowapi import Limiter
from slowapi.util import get_remote_address
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

limiter = Limiter(key_func=get_remote_address, default_limits=["60/minute"])


class BodyLimit:
    """Refuses bodies that are too large."""

    def __init__(self, app: ASGIApp, limit: int):
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers 413 where the length says so."""
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            length = headers.get(b"content-length", b"0")
            if not length.isdigit() or int(length) > self.limit:
                await JSONResponse({"error": "too large"}, status_code=413)(scope, receive, send)
                return
        await self.app(scope, receive, send)
