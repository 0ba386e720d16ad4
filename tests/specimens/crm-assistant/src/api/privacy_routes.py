"""What people may ask about their data."""

from fastapi import APIRouter

from src.tools.supabase_tool import supabase

router = APIRouter(prefix="/privacy")


@router.get("/{tenant_id}/export")
def export(tenant_id: str, email: str) -> dict:
    """All that is known of a person."""
    found = supabase.table("clients").select("*").eq("tenant_id", tenant_id).eq("email", email).limit(1).execute()
    # TODO: upload the export to storage
    return {"success": True, "data": found.data[0], "count": 1}
