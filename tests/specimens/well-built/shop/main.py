"""The application."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import sentry_sdk
import structlog
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import JSONResponse
from opentelemetry import trace
from prometheus_client import Counter, make_asgi_app
from slowapi.middleware import SlowAPIMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shop import logs
from shop.limits import BodyLimit, limiter
from shop.orders import Orders
from shop.payments import Payments
from shop.routes import router
from shop.settings import settings

logger = structlog.get_logger(__name__)
tracer = trace.get_tracer(__name__)
failures = Counter("shop_failures_total", "Requests that failed")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Opens what all requests share, and closes it at the end."""
    config = settings()
    async with asyncpg.create_pool(
        str(config.database_url),
        min_size=1,
        max_size=config.pool_size,
        max_inactive_connection_lifetime=300,
        command_timeout=10,
        timeout=5,
    ) as pool:
        app.state.pool = pool
        app.state.orders = Orders(pool)
        app.state.payments = Payments(str(config.payments_url))
        try:
            yield
        finally:
            await app.state.payments.close()


class RequestId:
    """Binds an id to all that a request logs, and tells browsers to be careful."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Takes the id of the request, or makes one."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = Headers(scope=scope).get("X-Request-Id") or str(uuid.uuid4())

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        with (
            tracer.start_as_current_span(scope["path"]),
            structlog.contextvars.bound_contextvars(request_id=request_id),
        ):
            await self.app(scope, receive, send_with_headers)


async def failed(request: Request, error: Exception) -> JSONResponse:
    """Answers when something failed, without its inside."""
    failures.inc()
    logger.error("failed", path=request.url.path, exc_info=error)
    return JSONResponse({"error": "internal error"}, status_code=500)


async def health() -> dict[str, str]:
    """Whether the process is up."""
    return {"status": "up"}


async def ready(request: Request) -> dict[str, str]:
    """Whether the database answers."""
    await request.app.state.pool.fetchval("SELECT 1", timeout=2)
    return {"status": "ready"}


def create_app() -> FastAPI:
    """Makes the application."""
    logs.configure()
    config = settings()
    if config.sentry_dsn:
        sentry_sdk.init(config.sentry_dsn.get_secret_value())
    docs = "/docs" if config.feature_enabled("docs") else None
    app = FastAPI(title="Shop", version="1.4.0", lifespan=lifespan, docs_url=docs)
    app.state.limiter = limiter
    app.add_middleware(SlowAPIMiddleware)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(BodyLimit, limit=config.max_body_bytes)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=config.allowed_origins,
        allow_credentials=True,
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["X-Api-Token", "Content-Type"],
    )
    app.add_middleware(RequestId)
    app.add_exception_handler(Exception, failed)
    app.include_router(router)
    app.add_api_route("/health", health)
    app.add_api_route("/ready", ready)
    app.mount("/metrics", make_asgi_app())
    return app
