"""Sample data of finance/fraud: two months of card payments, some of them frauds.

The payments are synthetic: a random generator lives through the days of invented cards and terminals; no bank's
data are in it. They are made to be as awkward as real ones: frauds of several kinds that look like honest payments,
holidays, large purchases, new cards and terminals, a fraud that comes up half-way, refunds, frauds never reported,
false reports, rows that come late or twice, missing values.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

from vertikit_finance.samples.fraud_kinds import payments
from vertikit_finance.samples.fraud_world import DAYS, Payment, World

FIELDS = (
    "id",
    "time",
    "card",
    "terminal",
    "amount",
    "channel",
    "category",
    "country",
    "age_days",
    "fraud",
)
REFUNDED, REPEATED, LATE = 0.005, 0.002, 0.003
UNREPORTED, FALSE_REPORT = 0.025, 0.0005
MISSING = {"channel": 0.015, "age_days": 0.008, "fraud": 0.004}


def transactions(rows: int = 40000, seed: int = 0) -> Iterator[dict[str, str]]:
    """Give `rows` payments as they reach the bank, keyed by `FIELDS`, "" where missing; the seed decides all."""
    random = Random(seed)
    repeats = round(rows * REPEATED)
    arrived = [(payment.time + _delay(random), payment) for payment in lived(rows - repeats, random)]
    arrived.sort(key=lambda each: each[0])
    labels = _labels([payment for _, payment in arrived], random)
    made = [
        (at, _row(number, payment, label, random))
        for number, ((at, payment), label) in enumerate(zip(arrived, labels, strict=True), start=1)
    ]
    again = [
        (at + timedelta(seconds=random.randint(1, 90000)), row) for at, row in random.sample(made, repeats)
    ]
    made = sorted(made + again, key=lambda each: each[0])
    yield from (row for _, row in made)


def write(path: Path, rows: int = 40000, seed: int = 0) -> None:
    """Write the payments as CSV (UTF-8, a header, "\\n" line ends)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, FIELDS, lineterminator="\n")
        table.writeheader()
        table.writerows(transactions(rows, seed))


def lived(count: int, random: Random) -> list[Payment]:
    """What truly happened, `count` payments and refunds in no order: the kind of each fraud is known here only."""
    refunds = round(count * REFUNDED)
    made = payments(count - refunds, World(count, random))
    return made + [_refund(payment, random) for payment in random.sample(made, refunds)]


def _refund(payment: Payment, random: Random) -> Payment:
    """All or part of it goes back, some days later unless the file ends before."""
    part = 1.0 if random.random() < 0.7 else random.uniform(0.2, 0.9)
    later = timedelta(days=min(DAYS - 1 - payment.day, random.randint(0, 14)))
    return replace(
        payment, time=payment.time + later, amount=-max(0.01, round(payment.amount * part, 2)), kind=""
    )


def _labels(paid: list[Payment], random: Random) -> list[str]:
    """As the bank knows them in the end: some frauds nobody reports, some reports are wrong."""
    frauds = [at for at, payment in enumerate(paid) if payment.kind]
    missed = set(random.sample(frauds, round(len(frauds) * UNREPORTED)))
    known = [bool(payment.kind) and at not in missed for at, payment in enumerate(paid)]
    return [str(int(fraud or random.random() < FALSE_REPORT)) for fraud in known]


def _delay(random: Random) -> timedelta:
    return timedelta(seconds=random.randint(3600, 200000) if random.random() < LATE else 0)


def _row(number: int, payment: Payment, label: str, random: Random) -> dict[str, str]:
    row = {
        "id": f"t{number:06d}",
        "time": payment.time.isoformat(),
        "card": payment.card.key,
        "terminal": payment.terminal.key,
        "amount": f"{payment.amount:.2f}",
        "channel": payment.channel,
        "category": payment.terminal.category,
        "country": payment.terminal.country,
        "age_days": str(payment.day - payment.card.opened),
        "fraud": label,
    }
    return row | {name: "" for name, share in MISSING.items() if random.random() < share}
