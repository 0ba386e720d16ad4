import os

import httpx
import pytest

pytestmark = pytest.mark.skipif("SHOP_URL" not in os.environ, reason="no shop runs")


def test_a_shop_that_runs_is_ready():
    answer = httpx.get(os.environ["SHOP_URL"] + "/ready", timeout=10)
    assert answer.json() == {"status": "ready"}
