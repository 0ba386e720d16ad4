"""Numbers for administrators."""

from fastapi import APIRouter, Depends

from src.api.admin_routes import require_admin
from src.tools.supabase_tool import supabase

router = APIRouter(prefix="/admin/analytics", dependencies=[Depends(require_admin)])


def opened(row: dict) -> float:
    """When a mail was opened."""
    try:
        return float(row["opened"])
    except:
        return 0.0


@router.get("/mails")
def mails(tenant_id: str) -> dict:
    """Mails and when they were opened."""
    rows = supabase.table("mails").select("*").eq("tenant_id", tenant_id).execute().data
    # TODO: take opened from the mail provider
    return {"success": True, "data": [opened(row) for row in rows], "count": len(rows)}
