"""Tenants, as administrators see them."""

import asyncio
import logging
import time

import requests
from fastapi import APIRouter, Depends

from src.api.admin_routes import require_admin
from src.services.crm_service import CrmService

router = APIRouter(prefix="/admin/stats", dependencies=[Depends(require_admin)])
logger = logging.getLogger(__name__)


async def record_visit(tenant_id: str) -> None:
    """Notes that an administrator looked."""
    await asyncio.sleep(0)
    logger.info("visited %s", tenant_id)


@router.get("/tenants")
async def list_stats(tenants: str) -> dict:
    """The numbers of each tenant."""
    stats = {}
    for tenant_id in tenants.split(","):
        stats[tenant_id] = CrmService(tenant_id).pipeline_summary()
        record_visit(tenant_id)
    return {"success": True, "data": stats, "count": len(stats)}


@router.post("/tenants/{tenant_id}/ping")
async def ping(tenant_id: str) -> dict:
    """Whether the tenant's site answers."""
    # TODO: take the status from the database
    started = time.monotonic()
    requests.get(f"https://{tenant_id}.holidayplans.io/health", timeout=5).raise_for_status()
    return {"success": True, "data": {await label(tenant_id): time.monotonic() - started}, "count": 1}


async def label(tenant_id: str) -> str:
    """How a tenant is shown."""
    return tenant_id.replace("-", " ").title()
