from fastapi import FastAPI
from fastapi.testclient import TestClient

from shop.limits import limiter
from shop.models import Order
from shop.routes import router


class FakeOrders:
    def __init__(self):
        self.placed = []

    async def page(self, customer, after, size):
        return [Order(id=1, item="tea", price="2.50")]

    async def place(self, customer, orders):
        self.placed.extend(orders)
        return len(self.placed)


def client():
    app = FastAPI()
    app.state.limiter = limiter
    app.state.orders = FakeOrders()
    app.include_router(router)
    return TestClient(app)


def test_unauthorized_callers_see_nothing():
    assert client().get("/v1/customers/1/orders").status_code in {401, 403}


def test_orders_come_in_pages():
    answer = client().get("/v1/customers/1/orders", headers={"X-Api-Token": "test-token"})
    assert answer.json()["orders"][0]["item"] == "tea"


def test_a_wrong_price_is_refused():
    answer = client().post(
        "/v1/customers/1/orders",
        headers={"X-Api-Token": "test-token"},
        json=[{"item": "tea", "price": -1}],
    )
    assert answer.status_code == 422
