from __future__ import annotations

import torch
from safetensors.torch import load_file, save_file


class Sound:
    """Weights to so many digits."""

    trains = False
    last = True
    ladder = ({"digits": 2}, {"digits": 1})

    def __init__(self, *, digits=2):
        self.digits = digits

    def apply(self, backbone, items, rows):
        with torch.no_grad():
            for each in backbone.module.parameters():
                each.copy_(torch.round(each, decimals=self.digits))
        return f"{self.digits} digits"

    def save(self, backbone, folder):
        weights = {name: each.clone() for name, each in backbone.module.state_dict().items()}
        save_file(weights, folder / "w.safetensors")

    def restore(self, backbone, folder):
        backbone.module.load_state_dict(load_file(folder / "w.safetensors"))


class Silent(Sound):
    def apply(self, *given):
        super().apply(*given)
        return ""


class Forgetful(Sound):
    def restore(self, backbone, folder):
        pass


class Misspelt(Sound):
    ladder = ({"digit": 2},)


SOUND = Sound
BROKEN = {"features": Silent, "save": Forgetful, "ladder": Misspelt}
