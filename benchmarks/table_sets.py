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
    )
}
