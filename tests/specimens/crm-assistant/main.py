"""The application."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from src.api import admin_routes, admin_tenants_routes, analytics_routes, inbound_routes, knowledge_routes, privacy_routes, routes
from src.utils.structured_logger import get_logger
from src.webhooks import email_webhook

logger = get_logger(__name__)

app = FastAPI(title="CRM assistant")

app.add_middleware(
    CORSMiddleware,
    allow_origins=["https://app.holidayplans.io", "https://admin.holidayplans.io"],
    allow_credentials=True,
    allow_methods=["GET", "POST", "DELETE"],
    allow_headers=["Authorization", "Content-Type"],
)

app.include_router(routes.router)
app.include_router(admin_routes.router)
app.include_router(admin_tenants_routes.router)
app.include_router(analytics_routes.router)
app.include_router(inbound_routes.router)
app.include_router(knowledge_routes.router)
app.include_router(privacy_routes.router)
app.include_router(email_webhook.router)


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether the service is up."""
    return {"status": "ok"}
