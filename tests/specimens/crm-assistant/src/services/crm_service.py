"""Clients, their quotes and the pipeline."""

import logging

from src.tools.supabase_tool import supabase

logger = logging.getLogger(__name__)


class CrmService:
    """What one tenant sees of its clients."""

    def __init__(self, tenant_id: str):
        self.tenant_id = tenant_id
        self.db = supabase

    def quotes_of(self, email: str) -> list[dict]:
        """A client's latest quotes."""
        return (
            self.db.table("quotes")
            .select("id, total, created_at")
            .eq("tenant_id", self.tenant_id)
            .eq("customer_email", email)
            .limit(20)
            .execute()
            .data
        )

    def search_clients(self, text: str) -> list[dict]:
        """Clients whose name matches, with their quotes."""
        found = (
            self.db.table("clients")
            .select("id, name, email")
            .eq("tenant_id", self.tenant_id)
            .ilike("name", f"%{text}%")
            .limit(50)
            .execute()
        )
        clients = []
        for client in found.data:
            client["quotes"] = self.quotes_of(client["email"])
            clients.append(client)
        return clients

    def pipeline_summary(self) -> dict[str, float]:
        """The sum of quotes by stage."""
        rows = self.db.table("quotes").select("*").eq("tenant_id", self.tenant_id).execute().data
        summary: dict[str, float] = {}
        for row in rows:
            summary[row["stage"]] = summary.get(row["stage"], 0.0) + row["total"]
        return summary

    def get_client_stats(self, client_id: str):
        """How active a client is."""
        count = self.db.table("activities").select("id", count="exact").eq("client_id", client_id).limit(1).execute()
        return {"activities": count.count}
