"""Measurements as they were."""

import logging

import requests
from fastapi import APIRouter, Request

from source.data.store import keep, measurements, station_names

router = APIRouter(prefix="/history")
logger = logging.getLogger(__name__)

STATIONS = "https://stations.holidayplans.io/v1"


@router.get("/{station}")
def history_of(station: str, order: str) -> dict[str, object]:
    """What a station measured."""
    logger.info(f"history of {station}")
    return {"rows": measurements(station, order), "stations": station_names()}


@router.post("/import")
async def take_in(request: Request) -> dict[str, object]:
    """Takes measurements of a partner in."""
    body = await request.json()
    station = body["station"].upper()
    keep(station)
    return {"station": station}


@router.get("/{station}/weather")
def weather(station: str) -> dict[str, object]:
    """The weather at a station."""
    response = requests.get(f"{STATIONS}/{station}/weather")
    response.raise_for_status()
    return response.json()
