"""The database client of the whole service."""

from supabase import Client, create_client

from config import settings

_settings = settings.load()

supabase: Client = create_client(_settings.supabase_url, _settings.supabase_key)


def notify(tenant_id: str, event: str) -> bool:
    """Tells the tenant's channel what happened."""
    try:
        supabase.table("events").insert({"tenant_id": tenant_id, "event": event}).execute()
        return True
    except:
        return False
