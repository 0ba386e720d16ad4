"""Administration of tenants."""

import os

from fastapi import APIRouter, HTTPException, Request

from app import crm

router = APIRouter(prefix="/admin")


@router.post("/tenants/{tenant}/suspend")
async def suspend(tenant: str, request: Request):
    token = request.headers.get("X-Admin-Token", "")
    admin_token = os.environ["ADMIN_TOKEN"]
    if token != admin_token:
        raise HTTPException(status_code=403, detail="forbidden")
    return crm.suspend(tenant)


def delete_tenant_data(tenant):
    # TODO: delete the tenant's files
    pass
