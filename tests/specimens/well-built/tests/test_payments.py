import httpx
import pytest
import respx

from shop.payments import Payments, PaymentsDown


@respx.mock
async def test_a_status_is_asked_for_again():
    route = respx.get("http://payments.test/payments/7")
    route.side_effect = [httpx.ConnectError("down"), httpx.Response(200, json={"status": "paid"})]
    assert await Payments("http://payments.test").status(7) == "paid"


@respx.mock
async def test_statuses_that_fail_are_unknown():
    respx.get("http://payments.test/payments/7").respond(500)
    assert await Payments("http://payments.test").statuses([7]) == ["unknown"]


@respx.mock
async def test_a_charge_that_fails_says_so():
    respx.post("http://payments.test/charges").respond(503)
    with pytest.raises(PaymentsDown):
        await Payments("http://payments.test").charge(7, 100)
