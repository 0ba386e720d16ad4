"""Who may call."""

import hmac

from fastapi import Depends, HTTPException, Security
from fastapi.security import APIKeyHeader

from shop.settings import Settings, settings

api_key = APIKeyHeader(name="X-Api-Token")


def require_token(given: str = Security(api_key), config: Settings = Depends(settings)) -> None:
    """Lets through who has the token."""
    expected = config.api_token.get_secret_value()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise HTTPException(status_code=401, detail="unknown token")
