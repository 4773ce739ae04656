from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from vertikit.contracts import Features
from vertikit.testing.made.encoder import MeanOfTokens, SmallEncoder


class Items:
    """The small encoder's, which training sees with one word hidden."""

    def __init__(self, items):
        self.own = items
        self.lengths, self.windows, self.left_out = items.lengths, items.windows, items.left_out

    def collate(self, indices):
        return self.own.collate(indices)

    def augmented(self, indices, epoch, seed):
        batch = self.collate(indices)
        for at, item in enumerate(indices):
            place = np.random.default_rng((seed, epoch, int(item))).integers(self.lengths[item])
            batch["input_ids"][at, place] = 3
        return batch


class LuckyItems(Items):
    def augmented(self, indices, epoch, seed):
        batch = self.collate(indices)
        batch["input_ids"][:, 0] = int(np.random.default_rng().integers(4, 60))
        return batch


class TimelessItems(Items):
    def __init__(self, items):
        super().__init__(items)
        self.lengths = np.zeros_like(items.lengths)


class Guess(nn.Module):
    """A task without labels: features are to be of length one."""

    def forward(self, module, batch):
        return (module(**batch).pooled.norm(dim=1) - 1) ** 2


class Whole(Guess):
    def forward(self, module, batch):
        return super().forward(module, batch).mean()


class Sound(SmallEncoder):
    """The kit's own small encoder, with items that can be altered, and a task without labels."""

    kind = Items
    task = Guess
    pretexts = {"length": 1e-3}
    mean = MeanOfTokens

    def __init__(self):
        super().__init__()
        self.module = self.mean(self.module.encoder).eval()

    def items(self, values):
        return self.kind(super().items(values))

    def pretext(self, name):
        return self.task()


class Source:
    def __init__(self, backbone):
        self.backbone = backbone

    def info(self):
        return self.backbone().info

    def build(self):
        return self.backbone()


class Nameless(Sound):
    def __init__(self):
        super().__init__()
        self.info = replace(self.info, licence="")


class Wide(Sound):
    def __init__(self):
        super().__init__()
        self.info = replace(self.info, width=99)


class Timeless(Sound):
    kind = TimelessItems


class MeanOfAll(MeanOfTokens):
    def forward(self, input_ids, attention_mask):
        return Features(self.encoder(input_ids=input_ids).last_hidden_state.mean(dim=1))


class Padded(Sound):
    mean = MeanOfAll


class MeanByPlace(MeanOfTokens):
    def forward(self, input_ids, attention_mask):
        found = super().forward(input_ids, attention_mask).pooled
        return Features(found + torch.arange(len(found))[:, None])


class Placed(Sound):
    mean = MeanByPlace


class MeanCut(MeanOfTokens):
    def forward(self, input_ids, attention_mask):
        found = super().forward(input_ids, attention_mask).pooled
        return Features(found.detach() + self.bias)

    def __init__(self, encoder):
        super().__init__(encoder)
        self.bias = nn.Parameter(torch.zeros(1))


class Cut(Sound):
    mean = MeanCut


class Short(Sound):
    def blocks(self):
        return super().blocks()[:-1]


class Lucky(Sound):
    def __init__(self):
        super().__init__()
        with torch.no_grad():
            first = next(self.module.parameters())
            # One number for all would be lost in the norm after it.
            first.add_(torch.from_numpy(np.random.default_rng().normal(size=tuple(first.shape))).float())


class MeanAside(MeanOfTokens):
    def __init__(self, encoder):
        super().__init__(encoder)
        self.shift = torch.randn(1)

    def forward(self, input_ids, attention_mask):
        return Features(super().forward(input_ids, attention_mask).pooled + self.shift)


class Aside(Sound):
    mean = MeanAside


class Altering(Sound):
    kind = LuckyItems


class Reduced(Sound):
    task = Whole


class Bent(Sound):
    def graph(self):
        found = super().graph()
        return replace(found, tensors=lambda one: (2 * one.last_hidden_state,))


def of(backbone):
    return lambda: Source(backbone)


SOUND = of(Sound)
BROKEN = {
    "info": of(Nameless),
    "features": of(Wide),
    "items": of(Timeless),
    "padding": of(Padded),
    "order": of(Placed),
    "gradient": of(Cut),
    "blocks": of(Short),
    "seed": of(Lucky),
    "save": of(Aside),
    "altered": of(Altering),
    "pretexts": of(Reduced),
    "graph": of(Bent),
}
