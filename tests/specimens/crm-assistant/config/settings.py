"""Settings of the service, read once from its environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """What differs from one deployment to the next."""

    supabase_url: str
    supabase_key: str
    admin_token: str
    openai_api_key: str
    index_bucket: str


def load() -> Settings:
    """The settings; a missing one ends the start."""
    return Settings(
        supabase_url=os.environ["SUPABASE_URL"],
        supabase_key=os.environ["SUPABASE_KEY"],
        admin_token=os.environ["ADMIN_TOKEN"],
        openai_api_key=os.environ["OPENAI_API_KEY"],
        index_bucket=os.environ["INDEX_BUCKET"],
    )
