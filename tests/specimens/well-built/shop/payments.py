"""The payment provider."""

import asyncio
from datetime import timedelta

import httpx
import structlog
from aiobreaker import CircuitBreaker, CircuitBreakerError
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

breaker = CircuitBreaker(fail_max=5, timeout_duration=timedelta(seconds=30))

logger = structlog.get_logger(__name__)


def fallback_status() -> str:
    """What is shown while the provider does not answer."""
    return "unknown"


class PaymentsDown(Exception):
    """The provider does not answer, or refuses for now."""


class Payments:
    """A client that is shared by all requests."""

    def __init__(self, base_url: str):
        self.client = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(5.0, connect=2.0),
            limits=httpx.Limits(max_connections=20, keepalive_expiry=30),
        )
        self.limit = asyncio.Semaphore(8)

    async def close(self) -> None:
        """Ends the connections."""
        await self.client.aclose()

    @retry(
        retry=retry_if_exception_type(httpx.TransportError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(max=4),
        reraise=True,
    )
    @breaker
    async def status(self, order: int) -> str:
        """Whether an order is paid."""
        response = await self.client.get(f"/payments/{order}")
        response.raise_for_status()
        return response.json().get("status", "unknown")

    async def statuses(self, orders: list[int]) -> list[str]:
        """Whether orders are paid, eight at once."""

        async def one(order: int) -> str:
            async with self.limit:
                try:
                    return await self.status(order)
                except (httpx.HTTPError, CircuitBreakerError):
                    logger.exception("no status", order=order)
                    return fallback_status()

        return await asyncio.gather(*(one(order) for order in orders))

    @breaker
    async def charge(self, order: int, cents: int) -> None:
        """Takes the money, once for a key."""
        try:
            response = await self.client.post(
                "/charges", json={"order": order, "cents": cents}, headers={"Idempotency-Key": str(order)}
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise PaymentsDown(f"order {order} is not charged") from error
