"""The routes."""

from typing import Annotated

import structlog
from aiobreaker import CircuitBreakerError
from fastapi import APIRouter, Depends, HTTPException, Query, Request, UploadFile

from shop.limits import limiter
from shop.models import NewOrder, Page
from shop.orders import Orders
from shop.payments import Payments, PaymentsDown
from shop.security import require_token

logger = structlog.get_logger(__name__)

router = APIRouter(prefix="/v1", dependencies=[Depends(require_token)])

MAX_PICTURE = 2_000_000
PICTURES = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff"}


def orders(request: Request) -> Orders:
    """The orders of the application."""
    return request.app.state.orders


def payments(request: Request) -> Payments:
    """The payments of the application."""
    return request.app.state.payments


@router.get("/customers/{customer}/orders")
@limiter.limit("60/minute")
async def page(
    request: Request,
    customer: int,
    store: Annotated[Orders, Depends(orders)],
    after: int = 0,
    size: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Page:
    """A page of orders."""
    found = await store.page(customer, after, size)
    return Page(orders=found, next=found[-1].id if len(found) == size else None)


@router.post("/customers/{customer}/orders", status_code=201)
@limiter.limit("10/minute")
async def place(
    request: Request, customer: int, wanted: list[NewOrder], store: Annotated[Orders, Depends(orders)]
) -> dict[str, int]:
    """Places orders."""
    count = await store.place(customer, wanted)
    logger.info("placed", customer=customer, orders=len(wanted))
    return {"orders": count}


@router.post("/orders/{order}/charge", status_code=202)
@limiter.limit("5/minute")
async def charge(
    request: Request, order: int, cents: int, provider: Annotated[Payments, Depends(payments)]
) -> dict[str, str]:
    """Charges an order."""
    try:
        await provider.charge(order, cents)
    except (PaymentsDown, CircuitBreakerError) as error:
        logger.exception("not charged", order=order)
        raise HTTPException(status_code=503, detail="try again later") from error
    return {"status": "charged"}


@router.put("/orders/{order}/picture", status_code=204)
@limiter.limit("5/minute")
async def picture(request: Request, order: int, file: UploadFile) -> None:
    """Takes a picture of an order."""
    start = PICTURES.get(file.content_type or "")
    content = await file.read(MAX_PICTURE + 1)
    if start is None or not content.startswith(start):
        raise HTTPException(status_code=415, detail="not a picture")
    if len(content) > MAX_PICTURE:
        raise HTTPException(status_code=413, detail="too large")
    logger.info("picture", order=order, bytes=len(content))


@router.delete("/customers/{customer}", status_code=204)
@limiter.limit("5/minute")
async def forget(request: Request, customer: int, store: Annotated[Orders, Depends(orders)]) -> None:
    """Forgets a customer."""
    await store.forget(customer)
