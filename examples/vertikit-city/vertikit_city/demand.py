"""Demand over the next steps: electricity, taxis, bicycles, traffic."""

from __future__ import annotations

from vertikit import Card, Future, Group, Protocol, Task, Time

TASK = Task(
    name="city/demand",
    summary="Foretells demand (load, taxis, bicycles, traffic) with quantiles, and plans capacity.",
    columns=(
        Time(
            "time",
            help="when it was counted; rows of times to come may hold what is known ahead",
            to_come=True,
            aliases=("timestamp", "date", "datetime"),
        ),
        Group(
            "place",
            help="which series a row is of: a meter, a station, a zone",
            required=False,
            kept_whole=False,
            aliases=("series", "station", "zone", "meter", "sensor"),
        ),
        Future(
            "demand",
            help="what was counted or measured; empty where it is not known",
            minimum=0,
            aliases=("value", "count", "load", "cnt"),
        ),
    ),
    protocol=Protocol(
        splits=("walk-forward", "official"),
        primary="mase",
        metrics=(
            "mase", "wql", "interval_coverage", "standardised_mse", "standardised_mae", "by_horizon",
        ),
        baselines=("seasonal-naive", "weekly-naive", "exponential-smoothing", "repeat-last"),
        why=(
            "A plan is made for days that nobody has seen, so all that is foretold in the test lies after all that was "
            "learnt, and what crosses a cut is left out. Demand repeats by day and week, so a forecast has to beat "
            "repeating them: MASE divides by the error of the last season, in training. A plan needs more than the "
            "middle: the weighted quantile loss judges the whole range, and coverage how often the interval holds."
        ),
    ),
    card=Card(
        intended_use="Planning of capacity: vehicles, staff, feeders, for the next hours or days.",
        population="The places of the training rows, while people there keep to their ways.",
        limits=(
            "What training has never seen (a strike, a storm, a closed bridge) is not foretold. Demand that was not "
            "met was not counted either: where there were too few bicycles, figures show what was there to be ridden."
        ),
        decision_owner="The plan is made by the people who answer for the service.",
    ),
    recipe={
        "backbone": {"name": "dlinear", "anchored": True},
        "strategy": "full",
        "head": "quantiles",
        "loss": "pinball",
        "policy": "plan-capacity",
        "experts": ["city-calendar"],
        "calibration": "none",
        "refit": "never",
        "optimiser": {"rate": 3e-3, "encoder_rate": 3e-3, "weight_decay": 1e-3, "warmup": 0.05},
        "epochs": 15,
        "patience": 4,
        "batch": {"rows": 64, "tokens": 65536},
        "reshape": {"context": "7d", "horizon": "1d"},
        "evaluation": {"bootstrap": 200, "compare_experts": False},
    },
    further=True,
    sample="vertikit_city.samples.demand:write",
    sample_note="Synthetic counts of three places, made by a generator for this example; no such place exists.",
    sample_recipe={"reshape": {"stride": 3}, "epochs": 6},
    unit="forecasts",
)  # fmt: skip
