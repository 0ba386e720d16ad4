"""The monthly report."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from orders.models import Customer


def order_counts(session: Session) -> dict[str, int]:
    """How many orders each customer has."""
    customers = session.scalars(select(Customer).limit(100)).all()
    return {customer.name: len(customer.orders) for customer in customers}


def near_order_counts(session: Session) -> dict[str, int]:
    """How many orders each customer has, loaded with them."""
    customers = session.scalars(select(Customer).options(selectinload(Customer.orders)).limit(100)).all()
    return {customer.name: len(customer.orders) for customer in customers}
