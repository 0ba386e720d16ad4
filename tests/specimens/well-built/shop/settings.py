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
    sentry_dsn: SecretStr | None = None
    features: set[str] = set()
    allowed_origins: list[str] = []
    pool_size: int = 10
    page_size: int = 50
    max_body_bytes: int = 1_000_000


    def feature_enabled(self, name: str) -> bool:
        """Whether a feature is switched on in this environment."""
        return name in self.features


@cache
def settings() -> Settings:
    """The settings, read once."""
    return Settings()
