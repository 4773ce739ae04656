"""What a component must be: the protocols that the engine calls, and the records it hands over, stage by stage.

Shapes: N examples, B of them in a batch, W windows (pieces of long items), L tokens, D features, K classes.
Nothing here is imported from torch at run time.
"""

from vertikit.contracts.adapt import (
    Expert,
    FittedHead,
    Head,
    LocatingHead,
    Loss,
    Rulings,
    StartingHead,
    Strategy,
    Use,
    WeighingLoss,
    remembers,
)
from vertikit.contracts.deploy import Compressor, Graph, GraphBackbone
from vertikit.contracts.evaluate import Baseline, Explainer, Metric, MetricContext, Policy, RankingPolicy
from vertikit.contracts.fitted import Fitted, State
from vertikit.contracts.prepare import (
    BadRow,
    Loaded,
    Loader,
    Outline,
    PictureReader,
    RangeLoader,
    Recorded,
    RecordingReader,
    Split,
)
from vertikit.contracts.select import (
    AugmentingBackbone,
    AugmentingItems,
    Backbone,
    BackboneInfo,
    BackboneSource,
    DrawingItems,
    Features,
    Items,
    LearnedBackbone,
    PairedItems,
    PretextBackbone,
)

__all__ = [
    "AugmentingBackbone",
    "AugmentingItems",
    "Backbone",
    "BackboneInfo",
    "BackboneSource",
    "BadRow",
    "Baseline",
    "Compressor",
    "DrawingItems",
    "Expert",
    "Explainer",
    "Features",
    "Fitted",
    "FittedHead",
    "Graph",
    "GraphBackbone",
    "Head",
    "Items",
    "LearnedBackbone",
    "Loaded",
    "Loader",
    "LocatingHead",
    "Loss",
    "Metric",
    "MetricContext",
    "Outline",
    "PairedItems",
    "PictureReader",
    "Policy",
    "PretextBackbone",
    "RangeLoader",
    "RankingPolicy",
    "Recorded",
    "RecordingReader",
    "Rulings",
    "Split",
    "StartingHead",
    "State",
    "Strategy",
    "Use",
    "WeighingLoss",
    "remembers",
]
