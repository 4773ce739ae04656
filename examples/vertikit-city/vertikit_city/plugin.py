"""Registers what a city needs. Nothing heavy is imported here."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register

vertikit_api = "1.1"
"""The version of the plugin contract that this was built for."""

vertikit_examples = {"tasks/city/demand": {"rows": 3000}, "tasks/city/anomaly": {"rows": 4800}}
"""How many rows of a sample `vertikit plugins check` looks at: of fewer there are too few weeks, or days."""


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "city/demand",
        "vertikit_city.demand:TASK",
        summary="Foretells demand (load, taxis, bicycles, traffic) with quantiles, and plans capacity.",
    )
    register(
        "city/anomaly",
        "vertikit_city.anomaly:TASK",
        summary="Finds unusual days in a series, learnt from usual ones alone.",
    )


@hookimpl
def register_experts(register: Register) -> None:
    register(
        "city-calendar",
        "vertikit_city.calendar:Calendar",
        summary="hour, day of the week, time of the year and holidays of every step, those to come too",
    )
    register(
        "city-weather",
        "vertikit_city.weather:Weather",
        summary="heating and cooling degrees, from weather that is known when a forecast is made",
    )


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "plan-capacity",
        "vertikit_city.capacity:PlanCapacity",
        summary="how much capacity each step gets, by what a shortage and an idle unit cost",
    )


@hookimpl
def register_backbones(register: Register) -> None:
    register(
        "day-profile",
        "vertikit_city.days:source",
        summary="a day as its readings, each beside what is usual at that time",
    )


@hookimpl
def register_heads(register: Register) -> None:
    register(
        "unlike-any-day",
        "vertikit_city.days:UnlikeAnyDay",
        summary="how far a day lies from the days most like it; fitted, without a gradient",
    )
