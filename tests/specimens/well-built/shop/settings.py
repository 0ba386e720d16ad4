"""What differs between environments, checked at start-up."""

from functools import cache

from pydantic import HttpUrl, PostgresDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of a process."""

    model_config = SettingsConfigDict(env_file=None)

    database_url: PostgresDsn
    payments_url: HttpUrl
    api_token: SecretStr
    allowed_origins: list[str] = []
    pool_size: int = 10
    page_size: int = 50
    max_body_bytes: int = 1_000_000


@cache
def settings() -> Settings:
    """The settings, read once."""
    return Settings()
