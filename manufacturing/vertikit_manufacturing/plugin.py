"""Registers the manufacturing tasks, and what their trade judges and decides by."""

from __future__ import annotations

from vertikit import hookimpl
from vertikit.hookspecs import Register

NEEDS = ("tabm", "rtdl_num_embeddings")
INSTALL = "pip install vertikit[manufacturing]"


@hookimpl
def register_tasks(register: Register) -> None:
    register(
        "manufacturing/fault",
        "vertikit_manufacturing.fault:TASK",
        summary="foresees or finds faults of machines from their sensors",
        requires=NEEDS,
        install=INSTALL,
    )
    register(
        "manufacturing/fault-kind",
        "vertikit_manufacturing.fault_kind:TASK",
        summary="names the kind of a fault from sensors or recordings",
        requires=NEEDS,
        install=INSTALL,
    )
    register(
        "manufacturing/quality",
        "vertikit_manufacturing.quality:TASK",
        summary="names the defect of a part from a picture",
        requires=("pillow", "torchvision"),
        install=INSTALL,
    )
    register(
        "manufacturing/anomaly",
        "vertikit_manufacturing.anomaly:TASK",
        summary="tells odd parts from pictures of sound ones alone, and shows where",
        requires=("faiss-cpu", "pillow", "torchvision"),
        install=INSTALL,
    )


@hookimpl
def register_metrics(register: Register) -> None:
    where = "vertikit_manufacturing.metrics"
    register("f1", f"{where}:F1", summary="F1 of faults at the threshold that was best on calibration rows")
    register(
        "false_alarm_rate",
        f"{where}:FALSE_ALARM_RATE",
        summary="FAR: share of sound examples that are alarmed, at that threshold",
    )
    register(
        "missed_alarm_rate",
        f"{where}:MISSED_ALARM_RATE",
        summary="MAR: share of faulty examples that are not alarmed, at that threshold",
    )
    register(
        "false_alarms_per_unit_month",
        f"{where}:FALSE_ALARMS",
        summary="days on which a sound unit is alarmed, per unit and month, at that threshold",
    )
    register(
        "lead_time",
        f"{where}:LEAD_TIME",
        summary="mean hours from the first alarm to the fault, at one false alarm per unit and month",
    )
    register(
        "faults_foreseen",
        f"{where}:FAULTS_FORESEEN",
        summary="share of faults alarmed beforehand, at one false alarm per unit and month",
    )


@hookimpl
def register_policies(register: Register) -> None:
    register(
        "alarm-watch-run",
        "vertikit_manufacturing.decisions:AlarmWatchRun",
        summary="alarm, watch or run, whichever is expected to cost least",
    )
    register(
        "accept-reject-inspect",
        "vertikit_manufacturing.inspection:AcceptRejectInspect",
        summary="accept, reject or inspect a part, whichever is expected to cost least",
    )


vertikit_examples = {
    "tasks/manufacturing/fault": {"rows": 24000},
    "tasks/manufacturing/fault-kind": {"rows": 6000},
    "tasks/manufacturing/quality": {"rows": 120},
    "tasks/manufacturing/anomaly": {"rows": 100},
    "metrics/lead_time": {"columns": {"unit": "category"}},
    "metrics/faults_foreseen": {"columns": {"unit": "category"}},
}
"""What the conformance kit tries: enough rows for faults among them, and no more pictures than it takes."""
