from fastapi.testclient import TestClient

from source.api.main import app


def test_health():
    assert TestClient(app).get("/health").json()["status"] == "healthy"
