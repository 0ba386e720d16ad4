"""The routes."""

import asyncio
import threading

from fastapi import APIRouter, Depends, HTTPException, Security
from fastapi.security import APIKeyHeader
from httpx import HTTPError

from orders import clients, mail, metrics
from orders.database import Store, connect, rename
from orders.models_of_text import encoder, near_encoder, vector
from orders.prices import near_left

key = APIKeyHeader(name="X-Key")
lock = threading.Lock()


def known(given: str = Security(key)) -> str:
    """Lets who has a key through."""
    if not given:
        raise HTTPException(status_code=403, detail="forbidden")
    return given


router = APIRouter(prefix="/orders", dependencies=[Depends(known)])


@router.post("/warm")
async def warm() -> dict[str, bool]:
    """Fetches the catalogue."""
    clients.warm_up()
    return {"warm": True}


@router.post("/near-warm")
async def near_warm() -> dict[str, bool]:
    """Fetches the catalogue on another thread."""
    await asyncio.to_thread(clients.warm_up)
    return {"warm": True}


@router.post("/sync-warm")
def near_sync_warm() -> dict[str, bool]:
    """Fetches the catalogue on a thread of the framework's."""
    clients.warm_up()
    return {"warm": True}


@router.post("/{address}/welcome")
async def welcome(address: str) -> dict[str, bool]:
    """Welcomes a customer."""
    mail.notify(address)
    return {"sent": True}


@router.post("/{address}/near-welcome")
async def near_welcome(address: str) -> dict[str, bool]:
    """Welcomes a customer."""
    await mail.notify(address)
    return {"sent": True}


@router.post("/{address}/locked")
async def locked(address: str) -> dict[str, bool]:
    """Welcomes one customer after the other."""
    with lock:
        await mail.notify(address)
    return {"sent": True}


@router.delete("/{address}")
def forget(address: str) -> dict[str, bool]:
    """Forgets a customer."""
    mail.erase_address(address)
    return {"erased": True}


@router.get("/similar")
def similar(text: str) -> dict[str, list[float]]:
    """The vector of a text."""
    return {"vector": vector(encoder(), text), "near": vector(near_encoder(), text)}


@router.get("/{item}/left")
def left(item: str) -> dict[str, str]:
    """How many are left, as far as the stock says."""
    try:
        return {"left": near_left(item)}
    except HTTPError:
        return {"left": "unknown"}


@router.get("/{number}/customer")
def customer(number: int) -> dict[str, str]:
    """Who ordered, and how likely they come back."""
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM customers WHERE id = %s", (number,))
            found = cursor.fetchone()
    finally:
        connection.close()
    churn_score = metrics.draw()
    return {"name": str(found), "churn": str(churn_score)}


def send_reminders(addresses: list[str]) -> None:
    """Reminds customers of what they left."""
    for address in addresses:
        mail.deliver(address)


def take_over(store: Store, number: int, name: str) -> None:
    """Takes an order over from the old shop."""
    rename(store.connection, number, name)
    store.add_order(number)


def vectors(texts: list[str]) -> list[list[float]]:
    """The vectors of texts."""
    model = near_encoder()
    return [vector(model, text) for text in texts]
