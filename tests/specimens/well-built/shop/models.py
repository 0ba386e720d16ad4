"""What the API takes and gives."""

from decimal import Decimal

from pydantic import BaseModel, Field


class NewOrder(BaseModel):
    """What a customer wants."""

    item: str = Field(min_length=1, max_length=80)
    price: Decimal = Field(gt=0)


class Order(NewOrder):
    """An order that was placed."""

    id: int


class Page(BaseModel):
    """Orders, and where the next ones begin."""

    orders: list[Order]
    next: int | None
