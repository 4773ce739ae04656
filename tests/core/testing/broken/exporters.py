from __future__ import annotations

import numpy as np

from vertikit.contracts import Portable


class Sound:
    """The weights of a dense network, and how it is computed with numpy."""

    runner = Portable(("tests.core.testing.broken.runner",))

    def weights(self, network):
        return [each.detach().numpy() for each in network.part.parameters()]

    def write(self, network, folder):
        np.savez(folder / "w.npz", *self.weights(network))


class Wrong(Sound):
    def weights(self, network):
        return [0 * each for each in super().weights(network)]


class Bound(Sound):
    runner = Portable(("tests.core.testing.broken.exporters",))


SOUND = Sound
BROKEN = {"same": Wrong, "alone": Bound}
