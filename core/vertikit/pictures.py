"""Pictures that examples hold: decoded once, kept on disk, and read memory-mapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices


@dataclass(frozen=True)
class Pictures(Sequence[Any]):
    """P distinct pictures, and which of them each of N examples has: a sequence of arrays [F, H, W, C] uint8.

    F is the number of frames (1 but for volumes and films), C is 1 (grey) or 3 (red, green, blue); white is high.

    Args:
        pixels: all bytes, one picture after another; memory-mapped.
        start: [P] where each begins. shapes: [P, 4] F, H, W and C of each.
        sizes: [P, 2] height and width in the file, before it was brought to a smaller size.
        kinds: [P] of file, "png" or "dicom".
        left_out: [P] frames of the file that were not read.
        digests: [P] the first 16 bytes of a sha256 of pixels and shape, as void: equal for equal pictures.
        hashes: [P, 4] uint64, a perceptual hash of 256 bits: near for pictures that look alike.
        place: [N] which picture an example has; -1 for none.
    """

    pixels: NDArray[np.uint8]
    start: Indices
    shapes: Indices
    sizes: Indices
    kinds: NDArray[np.object_]
    left_out: Indices
    digests: NDArray[np.void]
    hashes: NDArray[np.uint64]
    place: Indices

    def __len__(self) -> int:
        return len(self.place)

    def __getitem__(self, at: int) -> NDArray[np.uint8]:  # type: ignore[override]
        """[F, H, W, C] of the example at that position; IndexError where it has none."""
        place = int(self.place[at])
        if place < 0:
            raise IndexError(f"example {at} has no picture")
        return self.picture(place)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return (self[at] for at in range(len(self)))

    def picture(self, place: int) -> NDArray[np.uint8]:
        """[F, H, W, C] of one of the P distinct pictures."""
        start, shape = int(self.start[place]), self.shapes[place]
        return self.pixels[start : start + int(shape.prod())].reshape(shape)

    def take(self, positions: Indices) -> Pictures:
        """The pictures of the examples at those positions, in that order; the pixels are the same."""
        return replace(self, place=self.place[positions])

    @property
    def known(self) -> NDArray[np.bool_]:
        """[N] whether an example has a picture."""
        return self.place >= 0

    @property
    def frames(self) -> Indices:
        """[N] of each example's picture."""
        found: Indices = self.shapes[self.place, 0] if len(self.shapes) else self._none(self.shapes.dtype)
        return found

    def _none(self, kind: Any) -> NDArray[Any]:
        """[N] of that type, where no example has a picture."""
        import numpy as np

        return np.zeros(len(self), kind)

    def keys(self) -> NDArray[np.void]:
        """[N] 16 bytes, equal for equal pictures; any for an example without one."""
        return self.digests[self.place] if len(self.digests) else self._none(self.digests.dtype)
