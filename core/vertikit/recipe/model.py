"""The recipe as a pydantic model. Its field descriptions become the comments of `show --recipe`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from vertikit.recipe.examples import Reshape, SplitChoice
from vertikit.recipe.strict import Strict

TENFOLD: dict[str, Any] = {"search": {"times": 10, "log": True}}
"""What `vertikit tune` tries of a key: from a tenth of its value to ten times it."""


class Choice(BaseModel):
    """A registered component by name, with options of its own beside it.

    A bare name is short for `{name: NAME}`; further keys beside `name` set options, which are checked
    against the component's own signature.
    """

    model_config = ConfigDict(extra="allow")

    name: str = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.__pydantic_extra__ or {})


class Optimiser(Strict):
    name: Literal["adamw", "adam", "sgd"] = Field(
        "adamw", description="Adam with decoupled decay, Adam, or SGD"
    )
    rate: float = Field(
        1e-3,
        gt=0,
        le=10,
        description="learning rate of the head (and of adapters)",
        json_schema_extra=TENFOLD,
    )
    encoder_rate: float = Field(
        2e-5, gt=0, le=10, description="learning rate of the encoder's own weights", json_schema_extra=TENFOLD
    )
    weight_decay: float = Field(
        0.01,
        ge=0,
        le=10,
        description="decay of weight matrices; biases have none",
        json_schema_extra={"search": {"low": 1e-4, "high": 0.3, "log": True}},
    )
    schedule: Literal["linear", "cosine", "constant"] = Field("linear", description="course after warm-up")
    warmup: float = Field(0.1, ge=0, lt=1, description="share of the steps over which the rate rises")
    max_gradient: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")


class Batch(Strict):
    tokens: int = Field(4096, ge=16, description="padded tokens in a batch, at most")
    rows: int = Field(
        32,
        ge=1,
        le=65536,
        description="examples in a batch, at most",
        json_schema_extra={"search": {"multiples": [0.5, 1, 2]}},
    )
    accumulate: int = Field(1, ge=1, le=1024, description="batches per optimiser step, weighted as one")


class PictureChoice(Strict):
    side: int | None = Field(
        256,
        ge=8,
        le=8192,
        description="pictures are read down to this length of their shorter side; null: as they are",
    )
    frames: int = Field(
        16,
        ge=1,
        le=4096,
        description="slices or frames of one file that are looked at, evenly spread, at most",
    )
    near_duplicate: float = Field(
        0.98,
        ge=0.5,
        le=1,
        description="likeness from which pictures count as near duplicates and stay on one side of a split",
    )
    explain: str | None = Field(
        None, description="an explainer by name, which shows where the model looks; null: none"
    )
    shown: int = Field(
        12, ge=0, le=200, description="pictures of the test part that the report shows, at most"
    )


class Start(Strict):
    run: str | None = Field(
        None,
        description="a run whose encoder this one starts from, of any task with the same backbone; null: the plain one",
    )
    compare: bool = Field(
        True, description="train the same recipe from the plain encoder too, to see what the start is worth"
    )


class Pretraining(Strict):
    epochs: int = Field(
        0,
        ge=0,
        le=10_000,
        description="passes over the training part without its labels, before the strategy; 0: none",
    )
    task: str | None = Field(
        None,
        description="what the encoder learns by, one of its own: simcse, mlm, …; null: the one that suits it",
    )
    data: str | None = Field(
        None,
        description="a file of further rows without labels, in the columns of the data, or, as .txt, a text a line",
    )
    rate: float | None = Field(None, gt=0, le=10, description="its learning rate; null: what suits its task")
    rows: int = Field(64, ge=2, le=65536, description="examples in a batch of it, at most")


class Teaching(Strict):
    run: str | None = Field(None, description="a run whose answers this one learns by; null: no teacher")
    weight: float = Field(
        0.5,
        gt=0,
        le=1,
        description="share of the loss that is the distance to its answers; the rest is the truth's",
    )
    temperature: float = Field(
        2.0,
        gt=0,
        le=100,
        description="probabilities of both are compared at this temperature (softer above 1)",
    )
    features: float = Field(
        0.0,
        ge=0,
        le=100,
        description="weight of the distance to the features of its encoder, beside its answers",
    )
    attention: float = Field(
        0.0,
        ge=0,
        le=100,
        description="weight of the distance to how its tokens relate to each other, where both read the same tokens",
    )
    data: str | None = Field(
        None, description="a file of further rows without labels, which the teacher answers; as pretrain.data"
    )
    compare: bool = Field(
        True, description="train the same student without the teacher too, to see what it is worth"
    )


class Compression(Strict):
    run: str | None = Field(
        None, description="a run whose encoder this one makes smaller; null: none, and no steps"
    )
    steps: list[Choice] = Field(
        default_factory=list,
        description="compressors by name, in order: trim, layers, prune, lowrank, int8, …",
    )
    budget: str | None = Field(
        None,
        description='what the steps are searched for, such as "size<20MB,drop<1.0"; null: they are taken as they are',
    )
    trials: int = Field(
        3, ge=1, le=100, description="of what fits the budget in size and time, how many are trained, at most"
    )


class ScaleChoice(Strict):
    minimum: float | None = Field(None, description="lowest grade or value; one below is set aside")
    maximum: float | None = Field(None, description="highest grade or value; one above is set aside")
    step: float | None = Field(
        None, ge=0, description="distance of two grades; one between is set aside; 0: every number may occur"
    )

    @model_validator(mode="after")
    def _in_order(self) -> ScaleChoice:
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise ValueError("minimum lies below maximum")
        return self


class OddnessChoice(Strict):
    sound: list[str] | None = Field(
        None,
        min_length=1,
        description="what sound examples are called; null: sound, good, ok, normal, pass, …",
    )
    overkill: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="share of sound examples that may be taken for odd; the threshold is learnt for it",
    )

    @field_validator("sound", mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value


class Cleaning(Strict):
    max_quarantined: float = Field(
        0.2, ge=0, le=1, description="more unusable rows than this share stop the run"
    )
    rare_classes: Literal["stop", "quarantine"] = Field(
        "stop", description="what to do with a class of fewer rows than min_class_rows"
    )
    min_class_rows: int = Field(2, ge=2, description="fewer rows than this cannot be both learnt and judged")
    near_duplicate: float = Field(
        0.9, ge=0.5, le=1, description="Jaccard likeness of near duplicates (counted)"
    )


class Evaluation(Strict):
    bootstrap: int = Field(1000, ge=0, le=100_000, description="resamples for the 95 % intervals; 0 for none")
    learning_curve: list[float] = Field(
        default_factory=list, description="shares of the training rows to train on as well, e.g. [0.25, 0.5]"
    )
    few_shot: list[Annotated[int, Field(ge=1)]] = Field(
        default_factory=list,
        description="rows of each class to train on as well, and no more, such as [5, 10, 20]; gives recalls",
    )
    compare_experts: bool = Field(
        True,
        description="show experts alone and the model without them too; trains it once more where they add columns",
    )
    overfit_gap: float = Field(0.15, gt=0, description="train minus validation score above which to warn")

    @field_validator("learning_curve")
    @classmethod
    def _shares(cls, value: list[float]) -> list[float]:
        if any(not 0 < share < 1 for share in value):
            raise ValueError("shares lie between 0 and 1, both excluded")
        return sorted(set(value))

    @field_validator("few_shot")
    @classmethod
    def _counts(cls, value: list[int]) -> list[int]:
        return sorted(set(value))


class Recipe(Strict):
    """Everything that can be tuned. Without a value of its own, a key has the task's or the strategy's."""

    backbone: Choice = Field(description="the encoder: a registered name, a local folder, or a Hub id")
    combine: Literal["concat", "pair", "contrast", "cosine", "joint"] = Field(
        "concat",
        description="features of several inputs: side by side; pair: with difference and product of each and the last; "
        "contrast: these alone; cosine: the cosine of each with the last; joint: all are read as one (a cross-encoder)",
    )
    start: Start = Field(default_factory=Start, description="")
    pretrain: Pretraining = Field(default_factory=Pretraining, description="")
    teacher: Teaching = Field(default_factory=Teaching, description="")
    compress: Compression = Field(default_factory=Compression, description="")
    strategy: Choice = Field(description="how the encoder is adapted")
    head: Choice = Field(description="what turns features into the answer")
    loss: Choice = Field(description="what training minimises")
    policy: Choice = Field(description="what turns probabilities into a decision")
    experts: list[Choice] = Field(
        default_factory=list,
        description="knowledge beside the model, by name; it joins the input, bounds the answer, or overrules",
    )
    few_shot: bool = Field(
        False,
        description="head, class weights and blend are chosen by out-of-fold scores: for 8 to 64 rows of each class",
    )
    class_weights: Literal["none", "balanced"] = Field(
        "none",
        description="balanced: a class weighs in inverse proportion to its rows",
        json_schema_extra={"search": {"choices": ["none", "balanced"]}},
    )
    optimiser: Optimiser = Field(default_factory=Optimiser, description="")
    epochs: int = Field(10, ge=1, le=10_000, description="passes over the training rows, at most")
    patience: int = Field(
        3, ge=0, description="epochs without a better primary metric before stopping; 0: never"
    )
    refit: Literal["auto", "always", "never"] = Field(
        "auto",
        description="train again on training and validation rows together, for the best number of epochs; "
        "auto: where the encoder is frozen, so that it costs seconds",
    )
    batch: Batch = Field(default_factory=Batch, description="")
    primary: str | None = Field(None, description="the metric that decides; without one, the protocol's")
    metrics: list[str] = Field(
        default_factory=list, description="further metrics by name, beside those of the protocol"
    )
    baselines: list[str] | None = Field(None, description="baselines by name; without a list, the protocol's")
    reshape: Reshape = Field(default_factory=Reshape, description="")
    pictures: PictureChoice = Field(default_factory=PictureChoice, description="")
    split: SplitChoice = Field(default_factory=SplitChoice, description="")
    scale: ScaleChoice = Field(default_factory=ScaleChoice, description="")
    oddness: OddnessChoice = Field(default_factory=OddnessChoice, description="")
    cleaning: Cleaning = Field(default_factory=Cleaning, description="")
    calibration: Literal["temperature", "none"] = Field(
        "temperature", description="one temperature for the probabilities, fitted on validation rows"
    )
    blend: str | None = Field(
        None,
        description="a baseline that answers beside the model, weighed on validation rows; null: the model alone",
    )
    evaluation: Evaluation = Field(default_factory=Evaluation, description="")
    allow_leaks: bool = Field(False, description="keep duplicates and conflicts; the report says so in red")
    seed: int = Field(0, ge=0, lt=2**31, description="the same data, recipe and seed give the same numbers")
    device: str = Field(
        "auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description="auto, cpu, cuda, cuda:N or mps"
    )
    precision: Literal["auto", "fp32", "bf16"] = Field(
        "auto", description="auto: bf16 in training where a GPU has it"
    )
    threads: int | None = Field(
        None, ge=1, le=1024, description="processor threads; without a value, torch's choice"
    )
    remarks: bool = Field(True, description="texts beside each prediction, where the task has any")
    cache: bool = Field(True, description="keep frozen features on disk for later runs")
