"""Tickets that come in."""

from fastapi import APIRouter

from src.tools.supabase_tool import supabase

router = APIRouter(prefix="/inbound")


@router.get("/{tenant_id}/tickets/{ticket_id}")
def ticket(tenant_id: str, ticket_id: str) -> dict:
    """A ticket with its state."""
    subject = supabase.table("tickets").select("*").eq("tenant_id", tenant_id).eq("id", ticket_id).limit(1).execute()
    status = supabase.table("tickets").select("*").eq("tenant_id", tenant_id).eq("id", ticket_id).limit(1).execute()
    return {
        "success": True,
        "data": {"subject": subject.data[0]["subject"], "status": status.data[0]["status"]},
        "count": 1,
    }
