"""One trainer for all modalities: the Transformers Trainer over packed batches of bound columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import (
    EarlyStoppingCallback,
    PrinterCallback,
    Trainer,
    TrainerCallback,
    TrainingArguments,
    get_scheduler,
)

from vertikit.adapt import ranks
from vertikit.adapt.batching import EpochOrder, pack
from vertikit.adapt.encoding import raw_outputs
from vertikit.adapt.kept_fits import DONE, last_checkpoint, set_down, take_up
from vertikit.adapt.model import Model
from vertikit.contracts import AugmentingItems, DrawingItems, Items, Loss
from vertikit.progress import SILENT, Advance, Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    from vertikit.examples import Indices


@dataclass(frozen=True)
class TrainingData:
    """What one training run of the gradient sees.

    Args:
        inputs: binding name -> items of all examples.
        target: the target's name. encoded: [N] targets of all examples, as the loss takes them.
        weights: [N] of the examples, class weights included.
        train, valid: positions; without valid, nothing is judged between epochs and none stops early.
    """

    inputs: Mapping[str, Items]
    target: str
    encoded: Tensor
    weights: Tensor
    train: Indices
    valid: Indices | None


@dataclass(frozen=True)
class Judge:
    """The primary metric on raw outputs of the validation part, for early stopping."""

    name: str
    higher_is_better: bool
    score: Callable[[NDArray[np.float64]], float]


@dataclass
class TrainingLog:
    """An entry an epoch: epoch, train_loss, and, with a validation part, valid_loss and valid_<metric>."""

    epochs: list[dict[str, float]] = field(default_factory=list)


class EngineTrainer(Trainer):
    """Takes batches from `pack`, divides by the total weight of an accumulated batch, judges by `Judge`."""

    def __init__(
        self,
        model: Model,
        arguments: TrainingArguments,
        data: TrainingData,
        loss: Loss,
        recipe: Recipe,
        groups: list[dict[str, Any]],
        judge: Judge | None,
        callbacks: list[TrainerCallback],
    ) -> None:
        self._trained = model
        self._data = data
        self._loss = loss
        self._recipe = recipe
        self._groups = groups
        self._judge = judge
        for items in data.inputs.values():
            if isinstance(items, DrawingItems):
                items.draw_from(data.train)
        self.advance: Advance = lambda _: None
        """Is told how many more examples were trained on."""
        self.order = EpochOrder(
            pack(
                data.inputs,
                data.train,
                tokens=recipe.batch.tokens,
                rows=recipe.batch.rows,
                seed=recipe.seed,
            ),
            recipe.seed,
        )
        super().__init__(
            model=model,
            args=arguments,
            train_dataset=_Positions(data.train),
            # Only its presence counts: `evaluate` reads the validation part itself.
            eval_dataset=None if data.valid is None else _Positions(data.valid),
            callbacks=callbacks,
        )
        # Losses come divided by the weight of the whole accumulated batch; the trainer must not divide again.
        self.model_accepts_loss_kwargs = True

    def get_train_dataloader(self) -> DataLoader[Any]:
        loader = DataLoader(
            _Positions(self._data.train),
            batch_sampler=self.order,
            collate_fn=self._collate,
            pin_memory=self.args.dataloader_pin_memory,
        )
        # Of several processes each takes its share of every batch (`_collate`), so that a step sees the same rows as
        # that of one process; accelerate would deal out whole batches.
        return loader if ranks.count() > 1 else self.accelerator.prepare(loader)

    def _collate(self, positions: list[int]) -> dict[str, Any]:
        positions, counts = ranks.share(positions)
        indices = np.asarray(positions, dtype=np.int64)
        return {
            "columns": {name: self._batch(items, indices) for name, items in self._data.inputs.items()},
            "target": self._data.encoded[indices],
            "weight": self._data.weights[indices] * torch.from_numpy(counts),
        }

    def _batch(self, items: Items, indices: Indices) -> dict[str, Tensor]:
        if isinstance(items, AugmentingItems):
            return items.augmented(indices, self.order.epoch, self._recipe.seed)
        return items.collate(indices)

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> Tensor | None:
        if not batch_samples:
            return None
        total = sum(batch["weight"].sum() for batch in batch_samples).to(device)
        if self.args.world_size > 1:
            total = self.accelerator.gather(total).sum()
        return total  # type: ignore[no-any-return]

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        # Not the trainer's own mixed precision, which would leave the model in bf16 when it predicts as well.
        bf16 = trains_in_bf16(self._recipe, self.args.device)
        with torch.autocast(self.args.device.type, torch.bfloat16, enabled=bf16):
            raw = model(inputs["columns"])[self._data.target]
        raw = raw.float()
        self.advance(len(inputs["weight"]) * ranks.count())
        weight = inputs["weight"]
        total = weight.sum() if num_items_in_batch is None else num_items_in_batch
        # Gradients are averaged over processes, each of which has divided by the weight of all of them.
        loss = (self._each(raw, inputs["target"]) * weight).sum() / total * self.args.world_size
        return (loss, {"raw": raw}) if return_outputs else loss

    def _each(self, raw: Tensor, target: Tensor) -> Tensor:
        """Losses [B]; members of an ensemble [B, M, K] are each judged by themselves, and averaged."""
        if raw.dim() < 3:
            return self._loss(raw, target)
        members = raw.shape[1]
        values = self._loss(raw.flatten(0, 1), target.repeat_interleave(members, dim=0))
        return values.view(-1, members).mean(dim=1)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Loss and primary metric of the validation part, computed outside the trainer's random state."""
        assert self._judge is not None and self._data.valid is not None
        raw = raw_outputs(
            self._trained, self._data.inputs, self._data.valid, self._data.target, self.args.device
        )
        values = self._loss(torch.from_numpy(raw), self._data.encoded[self._data.valid])
        weight = self._data.weights[self._data.valid].double()
        metrics = {
            "eval_loss": float((values * weight).sum() / weight.sum()),
            f"eval_{self._judge.name}": self._judge.score(raw),
        }
        self.log(dict(metrics))
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def create_optimizer(self, model: torch.nn.Module | None = None) -> torch.optim.Optimizer:  # noqa: ARG002
        if self.optimizer is None:
            chosen = self._recipe.optimiser
            groups = [part for group in self._groups for part in _without_decay(group, chosen.weight_decay)]
            if chosen.name == "sgd":
                self.optimizer = torch.optim.SGD(groups, lr=chosen.rate, momentum=0.9)
            else:
                kind = torch.optim.AdamW if chosen.name == "adamw" else torch.optim.Adam
                self.optimizer = kind(groups, lr=chosen.rate)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        if self.lr_scheduler is None:
            chosen = self._recipe.optimiser
            name = "constant_with_warmup" if chosen.schedule == "constant" else chosen.schedule
            planned = round(num_training_steps * self._recipe.epochs / self.args.num_train_epochs)
            self.lr_scheduler = get_scheduler(
                name,
                optimizer=optimizer or self.create_optimizer(),
                num_warmup_steps=round(chosen.warmup * planned),
                num_training_steps=planned,
            )
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:  # noqa: ARG002
        """A checkpoint holds what is trained alone: megabytes of frozen weights stay where they are."""
        from safetensors.torch import save_file

        folder = Path(output_dir or self.args.output_dir or ".")
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            name: value.detach().cpu().contiguous() for name, value in self._trained.trained_state().items()
        }
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})

    def _issue_warnings_after_load(self, load_result: Any) -> None:
        """Frozen weights are missing from every checkpoint on purpose."""


class _Positions(torch.utils.data.Dataset[int]):
    """Stands for the examples: the batch sampler gives positions, and the collator looks them up."""

    def __init__(self, indices: Indices) -> None:
        self._count = int(indices.max()) + 1 if len(indices) else 0

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> int:
        return index


def _without_decay(group: dict[str, Any], decay: float) -> list[dict[str, Any]]:
    """The group in two: matrices decay, biases and norms do not."""
    matrices = [each for each in group["params"] if each.ndim > 1]
    others = [each for each in group["params"] if each.ndim <= 1]
    parts = [
        {**group, "params": matrices, "weight_decay": decay},
        {**group, "params": others, "weight_decay": 0.0},
    ]
    return [part for part in parts if part["params"]]


class _Epochs(TrainerCallback):
    """Sets the order of each epoch, marks whole checkpoints, and tells what an epoch brought."""

    def __init__(self, log: TrainingLog, tell: Callable[[dict[str, float], int], None]) -> None:
        self._log = log
        self._tell = tell
        self._pending: dict[str, float] = {}
        self.trainer: EngineTrainer | None = None

    def on_epoch_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        assert self.trainer is not None
        self.trainer.order.set_epoch(round(state.epoch or 0))

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:  # noqa: ARG002
        for key, value in (logs or {}).items():
            if key == "loss":
                self._pending["train_loss"] = float(value)
            elif key.startswith("eval_"):
                self._pending["valid_" + key.removeprefix("eval_")] = float(value)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        entry = {"epoch": round(state.epoch), **self._pending}
        self._pending = {}
        self._log.epochs.append(entry)
        if ranks.is_first():
            (folder / "epochs.json").write_text(json.dumps(self._log.epochs), encoding="utf-8")
        # Told before the mark: whoever keeps something of an epoch has it when the checkpoint counts.
        self._tell(entry, round(args.num_train_epochs))
        if ranks.is_first():
            (folder / DONE).touch()


def train_model(
    model: Model,
    data: TrainingData,
    loss: Loss,
    recipe: Recipe,
    groups: list[dict[str, Any]],
    judge: Judge | None,
    *,
    device: torch.device,
    folder: Path,
    tell: Callable[[dict[str, float], int], None],
    stop_after: int | None = None,
    progress: Progress = SILENT,
) -> TrainingLog:
    """Train in place; the model ends with the weights of its best epoch (without a judge: of the last).

    `stop_after` ends it after so many epochs, at the learning rates of a training that goes on to the recipe's. A bar
    runs over all of them, though it may stop earlier.

    A fit that was interrupted goes on from its last whole checkpoint in `folder`; one that was finished
    is read back.
    """
    if ranks.count() > 1:
        folder = ranks.of_first(folder.resolve())  # checkpoints are for all of them
    finished = folder / "finished.json"
    if ranks.of_first(finished.exists()):
        return TrainingLog(take_up(model, folder, finished))
    log = TrainingLog()
    epochs = _Epochs(log, tell)
    callbacks: list[TrainerCallback] = [epochs]
    if judge is not None and recipe.patience:
        callbacks.append(EarlyStoppingCallback(early_stopping_patience=recipe.patience))
    checkpoint = ranks.of_first(last_checkpoint(folder))
    if checkpoint is not None:
        log.epochs += json.loads((checkpoint / "epochs.json").read_text(encoding="utf-8"))
    trainer = EngineTrainer(
        model,
        _arguments(recipe, stop_after or recipe.epochs, judge, device, folder),
        data,
        loss,
        recipe,
        groups,
        judge,
        callbacks,
    )
    epochs.trainer = trainer
    trainer.remove_callback(PrinterCallback)
    left = (stop_after or recipe.epochs) - len(log.epochs)
    with progress.bar(folder.name, left * len(data.train), "examples") as trainer.advance:
        trainer.train(resume_from_checkpoint=None if checkpoint is None else str(checkpoint))
    model.eval()
    if ranks.is_first():
        set_down(model, folder, finished, log.epochs)
    ranks.wait()
    return log


def trains_in_bf16(recipe: Recipe, device: torch.device) -> bool:
    """Whether training runs in bf16: where it is asked for, or by itself on a GPU that has it."""
    if recipe.precision == "auto":
        return device.type == "cuda" and torch.cuda.is_bf16_supported()
    return recipe.precision == "bf16"


def _arguments(
    recipe: Recipe, epochs: int, judge: Judge | None, device: torch.device, folder: Path
) -> TrainingArguments:
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=epochs,
        gradient_accumulation_steps=recipe.batch.accumulate,
        max_grad_norm=recipe.optimiser.max_gradient,
        seed=recipe.seed,
        use_cpu=device.type == "cpu",
        eval_strategy="no" if judge is None else "epoch",
        save_strategy="epoch",
        save_total_limit=2,
        logging_strategy="epoch",
        load_best_model_at_end=judge is not None,
        metric_for_best_model=None if judge is None else judge.name,
        greater_is_better=None if judge is None else judge.higher_is_better,
        restore_callback_states_from_checkpoint=True,
        remove_unused_columns=False,
        label_names=["target"],
        dataloader_pin_memory=device.type == "cuda",
        disable_tqdm=True,
        report_to=[],
    )
    # Several visible GPUs would wrap the model in DataParallel; distributed runs are started by a launcher.
    arguments._n_gpu = min(arguments.n_gpu, 1)
    return arguments
