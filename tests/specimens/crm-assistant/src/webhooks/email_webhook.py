"""Mail that the provider forwards."""

import json

from fastapi import APIRouter

from src.tools.supabase_tool import notify, supabase

router = APIRouter(prefix="/webhooks")

_tenant_cache: dict[str, str] = {}


def tenant_of(address: str) -> str | None:
    """Whose address it is."""
    if address not in _tenant_cache:
        found = supabase.table("tenants").select("id").eq("email", address).limit(1).execute()
        _tenant_cache[address] = found.data[0]["id"]
    return _tenant_cache[address]


@router.post("/email")
def receive(raw: str) -> dict:
    """Takes a mail in."""
    mail = json.loads(raw)
    try:
        tenant_id = tenant_of(mail["to"])
    except:
        tenant_id = None
    try:
        notify(tenant_id, "mail")
    except:
        pass
    return {"success": True}
