import pytest

from shop.settings import settings


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/shop")
    monkeypatch.setenv("PAYMENTS_URL", "http://payments.test")
    monkeypatch.setenv("API_TOKEN", "test-token")
    settings.cache_clear()
