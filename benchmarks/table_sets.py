"""The real tables: where they are from, under which licence, and their sha256, checked on reading."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sets import VARIABLE


@dataclass(frozen=True)
class TableSet:
    """One file below the data folder."""

    name: str
    what: str
    origin: str
    licence: str
    note: str
    file: str
    sha256: str

    def path(self) -> Path:
        """The file; ValueError where it is not the one that the figures are about."""
        path = Path(os.environ[VARIABLE]) / self.file
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != self.sha256:
            raise ValueError(f"{path} has sha256 {found}, not {self.sha256}: these are other data")
        return path


TABLES = {
    each.name: each
    for each in (
        TableSet(
            name="fraud_handbook_simulated",
            what="555,712 simulated card payments of 58 days, 0.89 % frauds",
            origin="the simulated data of the Fraud Detection Handbook (Fraud-Detection-Handbook/simulated-data-raw)",
            licence="none stated for the data; the handbook's prose is CC BY-SA 4.0, its code GPL-3.0",
            note="the history starts 37 days before the training week, as long as the longest window and the delay, so "
            "that the handbook's figures come out to the last digit",
            file="finance/fraud_handbook_simulated/transactions.csv.gz",
            sha256="34efb62c8fbd9514f19fc7cae074168b504e1928d2b4db8621d4c4b68a11e57f",
        ),
        TableSet(
            name="uci_credit_default",
            what="30,000 credit card clients in Taiwan in 2005, 22.1 % of whom default in the next month",
            origin="UCI Machine Learning Repository, Default of Credit Card Clients (Yeh and Lien 2009)",
            licence="CC BY 4.0",
            note="sex, age and marriage are among the columns, as in the published rows",
            file="finance/uci_credit_default/UCI_Credit_Card.csv.gz",
            sha256="87d4a416b0e2eae940b57aab8c7c6975cedf382fae91bb6504aa6647b1a95d27",
        ),
        TableSet(
            name="ai4i2020",
            what="10,000 operations of a simulated milling machine, 3.4 % of which end in a failure",
            origin="UCI Machine Learning Repository, AI4I 2020 Predictive Maintenance (Matzka 2020)",
            licence="CC BY 4.0",
            note="synthetic; five columns name the mode of a failure and give it away",
            file="manufacturing/ai4i2020/ai4i2020.csv",
            sha256="86a781eb21879efff711de9011a8d37973ceb083b61871fed9f8b6bef2c058ea",
        ),
        TableSet(
            name="skab",
            what="35 experiments on a water pump's testbed, 46,806 seconds of eight sensors, joined to one table",
            origin="the Skoltech Anomaly Benchmark (waico/SKAB)",
            licence="GPL-3.0 (repository)",
            note="supervised here, so not comparable with its published rows, which learn from sound seconds alone",
            file="manufacturing/skab/skab.csv.gz",
            sha256="bf169a92d2e318afa331016cfbba54223c44dfd8de39f0b1e37a3931af7d241b",
        ),
        TableSet(
            name="cwru_bearing",
            what="45 records of a bearing's vibration at the drive end, 3 seconds at 12 kHz each, four loads",
            origin="Case Western Reserve University Bearing Data Center",
            licence="none stated; free for research with acknowledgement",
            note="one record alone is without a fault, and its sampling rate is in doubt: it is left out",
            file="manufacturing/cwru_bearing/cwru_12k_de.npz",
            sha256="e97eef38f6f3568804b91479dcfbcff3d15712da7d21299b78617d33d804e77b",
        ),
        TableSet(
            name="tennessee_eastman",
            what="simulated runs of a chemical process, sound and with 21 faults, 52 variables every 3 minutes",
            origin="Downs and Vogel 1993; the runs of Braatz's group (camaramm/tennessee-eastman-profBraatz)",
            licence="University of Illinois/NCSA style",
            note="faults 3, 9 and 15 are said to be next to undetectable",
            file="manufacturing/tennessee_eastman/tep.npz",
            sha256="bd39329316bee5c0255462b7b4e67119dec3ff5a4e9df1648807ed42ba2e2103",
        ),
    )
}
