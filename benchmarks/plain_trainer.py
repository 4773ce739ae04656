"""The script one would write: the Transformers Trainer on an encoder with a new dense softmax layer.

Frozen encoder or peft adapters; batches of rows in random order (or grouped by length by the Trainer
itself), padded to the longest; evaluation after every epoch, best weights restored. It reads the same
windows as the kit does, and pools a text's windows in the same way.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from typing import Any

import datasets
import numpy as np
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from transformers import AutoModel, Trainer, TrainingArguments

from benchmarks.epoch_clock import EpochClock
from benchmarks.model_folder import minilm_folder
from benchmarks.windows import cut_windows

LORA = {"r": 8, "lora_alpha": 16, "lora_dropout": 0.05, "target_modules": ["query", "value"]}


@dataclass(frozen=True)
class Script:
    """What varies between the scripts.

    Args:
        adapters: whether peft adapters are trained, or the dense layer alone.
        grouped: whether the Trainer groups rows by length.
        still: whether the dropout of the frozen encoder is off, as the kit has it; the Trainer leaves it live.
    """

    adapters: bool
    epochs: int
    rate: float
    grouped: bool = False
    still: bool = False
    batch: int = 16
    optimiser: str = "adamw_torch"
    evaluate: bool = True


@dataclass
class PlainRun:
    """Seconds from texts to best weights, the clock of its epochs, seconds of the test pass, predictions."""

    seconds: float
    clock: EpochClock
    test_seconds: float
    predicted: list[str]


class PlainClassifier(nn.Module):
    """Mean of the tokens, mean of a text's windows by their length, one dense layer."""

    def __init__(self, encoder: nn.Module, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.dense = nn.Linear(384, classes)

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, owner: Tensor, share: Tensor, labels: Tensor
    ) -> dict[str, Tensor]:
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1)
        windows = (hidden * mask).sum(1) / mask.sum(1)
        pooled = windows.new_zeros(len(labels), windows.shape[1]).index_add(
            0, owner, windows * share.unsqueeze(-1)
        )
        logits = self.dense(pooled)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def run_script(script: Script, train: Any, valid: Any, test: Any) -> PlainRun:
    """Train on frames with text and disease, and predict those of `test`."""
    clock = EpochClock()
    torch.manual_seed(0)
    off = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0} if script.still else {}
    encoder = AutoModel.from_pretrained(minilm_folder(), add_pooling_layer=False, **off)
    names = sorted(set(train["disease"]))
    if script.adapters:
        from peft import LoraConfig, get_peft_model

        encoder = get_peft_model(encoder, LoraConfig(**LORA))
    else:
        encoder.requires_grad_(False)
    model = PlainClassifier(encoder, len(names))
    started = time.perf_counter()
    parts, sizes = [], (len(train), len(valid), len(test))
    items = cut_windows([*train["text"], *valid["text"], *test["text"]])
    truth = [
        names.index(each) if each in names else 0
        for frame in (train, valid, test)
        for each in frame["disease"]
    ]
    for start, size in zip(np.cumsum([0, *sizes[:-1]]), sizes, strict=True):
        at = list(range(start, start + size))
        lengths = items.lengths[start : start + size].tolist()
        parts.append(
            datasets.Dataset.from_dict({"at": at, "length": lengths, "labels": truth[start : start + size]})
        )

    def collate(examples: list[dict[str, int]]) -> dict[str, Tensor]:
        batch = items.collate(np.asarray([each["at"] for each in examples]))
        return {**batch, "labels": torch.tensor([each["labels"] for each in examples])}

    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model=model,
            args=_arguments(script, folder),
            train_dataset=parts[0],
            eval_dataset=parts[1],
            data_collator=collate,
            compute_metrics=_metrics,
            callbacks=[clock],
        )
        trainer.train()
        seconds = time.perf_counter() - started
        tested = time.perf_counter()
        raw = np.asarray(trainer.predict(parts[2]).predictions)
    return PlainRun(seconds, clock, time.perf_counter() - tested, [names[each] for each in raw.argmax(1)])


def _arguments(script: Script, folder: str) -> TrainingArguments:
    each = "epoch" if script.evaluate else "no"
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=script.epochs,
        per_device_train_batch_size=script.batch,
        per_device_eval_batch_size=script.batch,
        learning_rate=script.rate,
        optim=script.optimiser,
        eval_strategy=each,
        save_strategy=each,
        save_total_limit=2,
        logging_strategy="epoch",
        load_best_model_at_end=script.evaluate,
        metric_for_best_model="macro_f1" if script.evaluate else None,
        greater_is_better=True if script.evaluate else None,
        train_sampling_strategy="group_by_length" if script.grouped else "random",
        remove_unused_columns=False,
        dataloader_pin_memory=False,
        use_cpu=True,
        seed=0,
        report_to=[],
        disable_tqdm=True,
    )


def _metrics(found: Any) -> dict[str, float]:
    said = found.predictions.argmax(1)
    return {"macro_f1": f1_score(found.label_ids, said, average="macro", zero_division=0)}
