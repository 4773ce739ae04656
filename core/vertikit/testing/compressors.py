"""What a compressor has to keep to (`vertikit.contracts.Compressor`), on the kit's small encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import VertikitError
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.strategies import TEXTS
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from vertikit.testing.made.encoder import SmallEncoder

MANY = TEXTS * 4


def _applied(subject: Subject) -> tuple[Any, SmallEncoder, str]:
    """(compressor, encoder, what it says that it did), once for all checks; `NotApplicable` where it refuses the kit's
    encoder."""
    found: tuple[Any, SmallEncoder, str] = subject.once("applied", lambda: _apply(subject))
    return found


def _apply(subject: Subject) -> tuple[Any, SmallEncoder, str]:
    from vertikit.testing.made.encoder import SmallEncoder

    compressor, backbone = subject.make(), SmallEncoder()
    try:
        told = compressor.apply(backbone, backbone.items(MANY), np.arange(len(MANY)))
    except VertikitError as error:
        raise NotApplicable(f"it refuses the kit's small encoder: {error.what}") from None
    return compressor, backbone, told


@check("compressors", "features")
def features(subject: Subject) -> None:
    """Made smaller, the encoder gives finite features of the same width, and it is said what was done."""
    from vertikit.testing.made.encoder import WIDTH

    _, backbone, told = _applied(subject)
    expect(isinstance(told, str) and told.strip(), "it does not say what it did")
    found = backbone.features(TEXTS)
    expect(found.shape == (len(TEXTS), WIDTH), f"features are {found.shape}, and were {(len(TEXTS), WIDTH)}")
    expect(np.isfinite(found).all(), "a feature is not finite")


@check("compressors", "save")
def save(subject: Subject) -> None:
    """What was saved and brought back gives equal features."""
    from vertikit.testing.made.encoder import SmallEncoder

    compressor, backbone, _ = _applied(subject)
    folder = subject.folder / "smaller"
    folder.mkdir()
    compressor.save(backbone, folder)
    again = SmallEncoder()
    subject.make().restore(again, folder)
    if not compressor.last:
        try:
            again.module.load_state_dict(backbone.module.state_dict())
        except RuntimeError as error:
            raise Failed(f"the encoder has another form than before: {error}") from None
    expect(np.array_equal(again.features(TEXTS), backbone.features(TEXTS)), "features differ")


@check("compressors", "ladder")
def ladder(subject: Subject) -> None:
    """Every rung of its ladder can be built."""
    found = subject.make().ladder
    if not found:
        raise NotApplicable("it has no ladder")
    for rung in found:
        try:
            subject.make(**rung)
        except (VertikitError, ValueError, TypeError) as error:
            raise Failed(f"{dict(rung)}: {error}") from None


CHECKS = (
    built("compressors", ("trains", "last", "ladder", "apply", "save", "restore")),
    features, save, ladder,
    refuses("compressors"),
)  # fmt: skip
