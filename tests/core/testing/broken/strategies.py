from __future__ import annotations

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from vertikit import VertikitError


class Sound:
    """Every weight is trained."""

    needs_pretrained = False
    features_once = False
    defaults = {"epochs": 3}

    def apply(self, backbone):
        backbone.module.requires_grad_(True)

    def groups(self, backbone, rate):
        return [{"params": [each for each in backbone.module.parameters() if each.requires_grad], "lr": rate}]

    def kept(self, backbone):
        return dict(backbone.module.state_dict())

    def save(self, backbone, folder):
        save_file(
            {name: each.clone() for name, each in self.kept(backbone).items()}, folder / "w.safetensors"
        )

    def load(self, backbone, folder):
        try:
            weights = load_file(folder / "w.safetensors")
        except SafetensorError as error:
            raise VertikitError("the weights cannot be read.", "Copy them again.") from error
        backbone.module.load_state_dict(weights, strict=False)

    def merge(self, backbone):
        pass


class Forgotten(Sound):
    def groups(self, backbone, rate):
        (group,) = super().groups(backbone, rate)
        return [{"params": group["params"][1:], "lr": rate}]


class Idle(Sound):
    def apply(self, backbone):
        backbone.module.requires_grad_(False)
        backbone.module.spare = nn.Parameter(torch.zeros(3))


class Partly(Sound):
    def kept(self, backbone):
        return {name: each for name, each in super().kept(backbone).items() if "bias" in name}


class Lossy(Sound):
    def merge(self, backbone):
        with torch.no_grad():
            next(backbone.module.parameters()).zero_()


class Lucky(Sound):
    def apply(self, backbone):
        super().apply(backbone)
        with torch.no_grad():
            next(backbone.module.parameters()).add_(float(np.random.default_rng().normal()))


class Raw(Sound):
    def load(self, backbone, folder):
        backbone.module.load_state_dict(load_file(folder / "w.safetensors"))


class Misspelt(Sound):
    defaults = {"epoch": 3}


SOUND = Sound
BROKEN = {
    "trained": Forgotten,
    "gradient": Idle,
    "save": Partly,
    "merge": Lossy,
    "seed": Lucky,
    "damage": Raw,
    "defaults": Misspelt,
}
