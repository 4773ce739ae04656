"""What the fake server serves: a task of texts, of cells, of pictures, of windows, and of a number; and a card."""

from __future__ import annotations

from typing import Any

HOSTILE = "<img src=x onerror=window.hit=1>"
LABELS = ["pneumonia", "migraine", "influenza", "asthma", "appendicitis", "angina", "sinusitis", HOSTILE]
NOTE = "34 year old woman, fever 🤒 and cough for three days, no rash. Chest pain when breathing in."


def column(
    name: str, kind: str, modality: str = "table", *, required: bool = True, **schema: Any
) -> dict[str, Any]:
    return {"name": name, "type": kind, "required": required, "help": schema.pop("help", ""), "modality": modality,
            "schema": {"type": "number" if kind in ("number", "series") else "string", **schema}}  # fmt: skip


def task(name: str, run: str, target: str, inputs: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    links = {verb: f"/v1/{name}/{verb}" for verb in ("predict", "explain", "card")}
    return {
        "run": run, "task": name, "title": name.partition("/")[2].capitalize(), "summary": "", "kind": "classes",
        "verdict": "", "primary": {"name": "macro_f1", "value": 0.9, "ci95": [0.8, 0.95]}, "labels": [],
        "target": target, "inputs": inputs, "example": {}, "examples": [], "windows": False, "images": False,
        "explains": True, "links": links, **more,
    }  # fmt: skip


TASKS = [
    task(
        "medical/diagnosis", "medical-diagnosis-20261201-062931", "disease",
        [column("text", "text", "text", help="the note: complaints, findings, history, in free text")],
        summary="Reads a clinical note and names the three likeliest diseases with probabilities, or abstains.",
        verdict="On 179 notes of 75 patients it has never seen, the adapted model cannot be told apart from the best "
        "baseline (tfidf-logistic): macro F1 0.75 against 0.73, a difference of 0.02 that may be luck (95 % interval "
        "-0.05 to 0.08), so neither is shown to be better.",
        primary={"name": "macro_f1", "value": 0.750609, "ci95": [0.638294, 0.816947]},
        decision_owner="The decision is a clinician's. The model suggests and never decides.",
        example_note="The sample notes are synthetic and describe no real person.",
        labels=LABELS, example={"text": NOTE}, examples=[{"text": NOTE}],
    ),
    task(
        "finance/fraud", "fraud", "fraud",
        [column("time", "time", required=False, format="date-time", help="when the payment was made"),
         column("amount", "number", minimum=0, maximum=50000, help="amount of the payment, in one currency"),
         column("channel", "category", required=False, enum=["chip", "online", "swipe"]),
         column("merchant_city", "category", required=False),
         column("card_age_days", "number", required=False)],
        summary="Finds frauds among payments, and puts them in a daily queue of alerts.",
        verdict="On 8,000 payments later than any it has learnt from, the adapted model is better than the best "
        "baseline (gradient-boosting): average precision 0.61 against 0.52, a difference of 0.09 (95 % interval 0.04 "
        "to 0.14).",
        primary={"name": "average_precision", "value": 0.61, "ci95": [0.55, 0.667]}, labels=["not", "fraud"],
        example={"time": "2025-03-01 12:30:00", "amount": 129.95, "channel": "online", "merchant_city": "Lyon"},
        examples=[{"time": "2025-03-01 12:30:00", "amount": 129.95, "channel": "online", "merchant_city": "Lyon"}],
    ),
    task(
        "manufacturing/quality", "quality", "defect",
        [column("image", "image", "image", help="a picture of a part")],
        summary="Names the defect of a part from a picture.", images=True, labels=["crack", "none", "scratch"],
        verdict="On 236 pictures it has never seen, the adapted model is better than the best baseline.",
    ),
    task(
        "manufacturing/fault", "fault", "fault",
        [column("vibration", "series", "series"), column("temperature", "series", "series")],
        summary="Foresees or finds faults of machines from their sensors, and says alarm, watch or run.", windows=True,
        examples=[{"vibration": 0.1 * at, "temperature": 60 + at} for at in range(6)],
    ),
    task(
        "finance/amount", "amount", "amount",
        [column("income", "number", minimum=0), column("region", "category", required=False)],
        summary="Foretells an amount with an interval.", kind="numbers", explains=False,
        primary={"name": "rmse", "value": 6.35, "ci95": [5.9, 6.8]}, example={"income": 42000, "region": "north"},
    ),
]  # fmt: skip

CARD = f"""---
license: apache-2.0
language:
- en
base_model: sentence-transformers/all-MiniLM-L6-v2
---

# medical-diagnosis

Reads a clinical note. Task `medical/diagnosis`, adapted by Vertikit.

**On 179 notes it has never seen, neither is shown to be better.**

> It has learnt some of them by heart. {HOSTILE}

## Limits

1. It knows *only* the diseases it was trained on.
2. It was not evaluated [prospectively](https://example.org/a), nor [here](javascript:window.hit=2).
   - a nested item, 1 \\* 2
   - ![a picture](https://example.org/b.png)

| Measure | This model | tfidf-logistic |
| --- | ---: | ---: |
| Macro F1 | 0.751 (0.638 to 0.817) | 0.735 \\| 0.7 |
| {HOSTILE} | 1 | 2 |

```
vertikit predict RUN NEW_ROWS.csv --output predictions.csv
<script>window.hit = 3</script>
```
"""
