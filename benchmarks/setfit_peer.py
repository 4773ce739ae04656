"""SetFit (Tunstall et al. 2022, arXiv:2209.11055): contrastive pairs, then a logistic regression."""

from __future__ import annotations

import tempfile
import time

from benchmarks.model_folder import minilm_folder
from benchmarks.rows import Rows

STEPS = 150
BATCH = 16


def setfit(rows: Rows) -> tuple[list[str], float]:
    """The test predictions, and seconds from rows to them; the steps are limited, as on a small machine."""
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    started = time.perf_counter()
    model = SetFitModel.from_pretrained(str(minilm_folder()), device="cpu")
    model.model_body.max_seq_length = 256
    train = rows.train[["text", "disease"]].rename(columns={"disease": "label"})
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            batch_size=BATCH,
            max_steps=STEPS,
            seed=0,
            report_to="none",
            save_strategy="no",
            show_progress_bar=False,
        )
        trainer = Trainer(
            model=model, args=arguments, train_dataset=Dataset.from_pandas(train, preserve_index=False)
        )
        trainer.train()
    predicted = model.predict(list(rows.test["text"]), show_progress_bar=False)
    return [str(each) for each in predicted], time.perf_counter() - started
