"""The peer of `benchmarks serving`: the same model in a plain FastAPI handler, one row a request, one uvicorn process.

`python -m benchmarks.plain_server RUN PORT THREADS`; with `bare` for PORT, milliseconds of one row without a server.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from pydantic import BaseModel

import vertikit

TIMED = 100


class Row(BaseModel):
    """The one column."""

    text: str


class Body(BaseModel):
    """A request."""

    row: Row


class Plain:
    """Tokenizer, encoder and head of a run, called as one would by hand."""

    def __init__(self, folder: str) -> None:
        parts = vertikit.load(folder).parts
        backbone: Any = next(iter(parts.assembled.backbones.values()))
        self.tokenizer, self.module = backbone.tokenizer, backbone.module.eval()
        self.length = backbone.info.max_length
        self.model, self.labels = parts.assembled.model.eval(), parts.assembled.outcome.labels
        self.temperature = float(getattr(parts.calibration, "temperature", 1.0))
        self.binding = next(iter(parts.assembled.bindings))
        self.target = next(iter(self.model.heads))

    @torch.inference_mode()
    def __call__(self, text: str) -> dict[str, float]:
        """The probability of each class."""
        found = self.tokenizer(text, truncation=True, max_length=self.length, return_tensors="pt")
        batch = {
            "input_ids": found["input_ids"],
            "attention_mask": found["attention_mask"],
            "owner": torch.zeros(1, dtype=torch.int64),
            "share": torch.ones(1),
        }
        raw = self.model({self.binding: batch})[self.target]
        shares = torch.softmax(raw / self.temperature, dim=1)[0].tolist()
        return dict(zip(self.labels, shares, strict=True))


def bare(plain: Plain, texts: list[str]) -> float:
    """Milliseconds of one row, tokens and forward pass, the median."""
    seconds = []
    for at in range(TIMED + 20):
        started = time.perf_counter()
        plain(texts[at % len(texts)])
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[20:]) * 1000


def main() -> None:
    """Serve, or time one row."""
    folder, port, threads = sys.argv[1:4]
    torch.set_num_threads(int(threads))
    plain = Plain(folder)
    if port == "bare":
        print(json.dumps(bare(plain, list(pd.read_csv(Path(sys.argv[4]))["text"]))))
        return
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post("/predict")
    def predict(body: Body) -> dict[str, Any]:
        return {"answer": plain(body.row.text)}

    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
