"""What a policy has to keep to (`vertikit.contracts.Policy`)."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.testing.check import NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.made.frames import TARGETS, Further, Quality, frame
from vertikit.testing.metrics import known_columns
from vertikit.testing.portable import check_imports
from vertikit.testing.subject import Subject, refusal

if TYPE_CHECKING:
    import pandas as pd

FEW = 20
"""Rows that are decided one by one."""


@dataclass
class Deciding:
    """A policy that was fitted on calibration rows, for a kind of target of `TARGETS`."""

    policy: Any
    kind: str
    further: Further

    @property
    def labels(self) -> tuple[str, ...]:
        return TARGETS[self.kind].labels

    def rows(self, seed: int = 9, quality: Quality = "good") -> pd.DataFrame:
        """New rows, their truth known."""
        return frame(self.kind, quality, self.further, seed=seed)

    def decide(self, rows: pd.DataFrame) -> pd.DataFrame:
        found: pd.DataFrame = self.policy.decide(rows, self.labels)
        return found


def _deciding(subject: Subject) -> Deciding:
    """Fitted on the first kind of target that it takes; `NotApplicable` where it refuses all."""
    reasons = []
    for kind in TARGETS:
        policy = subject.make()
        further = Further(tuple(getattr(policy, "needs", ())), known_columns(subject))
        deciding = Deciding(policy, kind, further)
        try:
            policy.fit(deciding.rows(seed=4), deciding.labels)
            deciding.decide(deciding.rows())
        except Exception as error:
            if (told := refusal(error)) is None:
                raise
            reasons.append(told)
            continue
        return deciding
    raise NotApplicable(f"it refuses all targets of the kit ({reasons[0]})")


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return all(list(one[name]) == list(other[name]) for name in ("decision", "reason"))


@check("policies", "lines")
def lines(subject: Subject) -> None:
    """Every row gets a decision and a reason in words, in the order and under the index of the rows."""
    deciding = _deciding(subject)
    rows = deciding.rows().iloc[::-2]
    found = deciding.decide(rows)
    expect({"decision", "reason"} <= set(found.columns), f"columns are {', '.join(map(str, found.columns))}")
    expect(len(found) == len(rows), f"{len(found)} decisions on {len(rows)} rows")
    expect(found.index.equals(rows.index), "the index of the decisions is not that of the rows")
    for name in ("decision", "reason"):
        strange = [each for each in found[name] if not isinstance(each, str)]
        expect(not strange, f"a {name} is {strange[0] if strange else ''!r}, and no text")
    expect(all(each.strip() for each in found["decision"]), "a decision is empty")


@check("policies", "truth")
def truth(subject: Subject) -> None:
    """Decisions are made without the truth."""
    deciding = _deciding(subject)
    rows = deciding.rows()
    told = [name for name in rows.columns if name in ("truth", "kind") or str(name).startswith("is.")]
    expect(
        _same(deciding.decide(rows), deciding.decide(rows.drop(columns=told))),
        "decisions change with the truth",
    )


@check("policies", "company")
def company(subject: Subject) -> None:
    """A row's decision is the same in any batch, unless the policy says what is for the best of all rows."""
    deciding = _deciding(subject)
    if getattr(deciding.policy, "ranked", ()):
        raise NotApplicable("it ranks: what it decides is for the best of all rows")
    rows = deciding.rows()
    whole = deciding.decide(rows)
    order = np.random.default_rng(0).permutation(len(rows))
    expect(_same(whole.iloc[order], deciding.decide(rows.iloc[order])), "decisions change with the order")
    for at in range(FEW):
        alone = deciding.decide(rows.iloc[at : at + 1])
        expect(_same(whole.iloc[at : at + 1], alone), f"row {at} is decided otherwise when it stands alone")


@check("policies", "ranked")
def ranked(subject: Subject) -> None:
    """Of a policy that ranks, rows that are not among the best of some change nothing for the others."""
    deciding = _deciding(subject)
    names = getattr(deciding.policy, "ranked", ())
    if not names:
        raise NotApplicable("it decides row by row")
    rows = deciding.rows()
    half = rows.iloc[::2]
    chosen = half[deciding.decide(half)["decision"].isin(names).to_numpy()]
    whole = deciding.decide(rows)
    kept = set(rows.index[whole["decision"].isin(names).to_numpy()]) & set(half.index)
    expect(kept <= set(chosen.index), "a row is among the best of all, and not among those of half of them")
    together = rows.loc[rows.index.isin(set(chosen.index)) | rows.index.isin(rows.index[1::2])]
    again = deciding.decide(together)
    same = list(again["decision"]) == list(whole["decision"].to_numpy()[rows.index.isin(together.index)])
    expect(same, "without rows that are not among the best of a part, the others are decided otherwise")


@check("policies", "save")
def save(subject: Subject) -> None:
    """What was saved and read back decides the same."""
    from vertikit.fitted_store import load_fitted, save_fitted

    deciding = _deciding(subject)
    save_fitted(subject.folder, "policy", deciding.policy)
    other = subject.make()
    load_fitted(subject.folder, "policy", other)
    rows = deciding.rows()
    expect(_same(deciding.decide(rows), other.decide(rows, deciding.labels)), "decisions differ")
    expect(other.describe() == deciding.policy.describe(), "it describes itself in other words")


@check("policies", "told")
def told(subject: Subject) -> None:
    """It describes itself in a sentence, and accounts for its decisions in finite numbers."""
    deciding = _deciding(subject)
    expect(str(deciding.policy.describe()).strip(), "it does not say what it does")
    rows = deciding.rows()
    found = deciding.policy.account(rows, deciding.decide(rows))
    strange = [name for name, value in found.items() if not math.isfinite(value)]
    expect(not strange, f"{strange[0] if strange else ''} is not finite")


@check("policies", "portable")
def portable(subject: Subject) -> None:
    """Without the kit, it decides the same, by files that import nothing of it."""
    from vertikit.contracts import PortablePolicy
    from vertikit.evaluate.frame import by_name

    deciding = _deciding(subject)
    if not isinstance(deciding.policy, PortablePolicy):
        raise NotApplicable("it cannot leave the kit")
    own = deciding.policy.portable()
    check_imports(own)
    part = importlib.import_module(own.modules[-1]).Part(dict(own.settings), dict(own.arrays), subject.folder)
    rows = deciding.rows()
    decisions, reasons = part.decide(by_name(rows), deciding.labels)
    found = deciding.decide(rows)
    expect(list(decisions) == list(found["decision"]), "decisions differ")
    expect(list(reasons) == list(found["reason"]), "reasons differ")


CHECKS = (
    built("policies", ("abstains", "needs", "explains", "fit", "decide", "account", "describe", "state", "load")),
    lines, truth, company, ranked, save, told, portable,
    refuses("policies"),
)  # fmt: skip
