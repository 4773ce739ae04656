"""The state of fitted parts on disk: JSON, safetensors and skops, and nothing that runs code when read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from vertikit.contracts import Fitted, State
from vertikit.errors import VertikitError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_MEND = "The run folder is damaged or was changed: copy it again, or train again."


def save_fitted(folder: Path, name: str, fitted: Fitted) -> list[Path]:
    """Write the state of `fitted`: `<name>.json`, and where it has any, `<name>.safetensors` for its arrays
    and `<name>.<blob>.skops` for each of its blobs. Makes the folder; gives the files written.

    ValueError for a state that cannot be kept: a tree that is no JSON (NaN included), arrays of objects or
    text, a name that is no file name.
    """
    state = fitted.state()
    for each in (name, *state.blobs):
        if not _NAME.fullmatch(each):
            raise ValueError(f"{each!r} cannot be a file name")
    index = {
        "format": 1,
        "tree": state.tree,
        "arrays": sorted(state.arrays),
        "blobs": {blob: len(content) for blob, content in sorted(state.blobs.items())},
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{name}.json"]
    written[0].write_text(json.dumps(index, allow_nan=False, ensure_ascii=False), encoding="utf-8")
    if state.arrays:
        written.append(folder / f"{name}.safetensors")
        written[-1].write_bytes(_packed(state))
    for blob, content in state.blobs.items():
        written.append(folder / f"{name}.{blob}.skops")
        written[-1].write_bytes(content)
    return written


def load_fitted(folder: Path, name: str, fitted: Fitted) -> None:
    """Give `fitted` the state that `save_fitted` wrote; VertikitError where a file is missing or damaged."""
    path = folder / f"{name}.json"
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        wanted, blobs = set(index["arrays"]), dict(index["blobs"])
        state = State(
            tree=index["tree"],
            arrays=_arrays(folder / f"{name}.safetensors", wanted) if wanted else {},
            blobs={blob: _blob(folder / f"{name}.{blob}.skops", size) for blob, size in blobs.items()},
        )
    except VertikitError:
        raise
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VertikitError(f"{path} cannot be read: {type(error).__name__}: {error}.", _MEND) from error
    try:
        fitted.load(state)
    except VertikitError:
        raise
    # What a part makes of a state that is not its own is foreign code; to the user it is a damaged file.
    except Exception as error:
        raise VertikitError(f"{path} does not fit: {type(error).__name__}: {error}.", _MEND) from error


def to_skops(model: object) -> bytes:
    """A classical model as bytes."""
    import skops.io

    content: bytes = skops.io.dumps(model)
    return content


def from_skops(content: bytes, trusted: Iterable[str] = ()) -> Any:
    """The model back from `to_skops`; nothing but skops' own list of safe types and `trusted` is built.

    VertikitError where the bytes are damaged, or ask for any other type.
    """
    import skops.io

    try:
        unknown = sorted(set(skops.io.get_untrusted_types(data=content)) - set(trusted))
        if not unknown:
            return skops.io.loads(content, trusted=sorted(trusted))
    # A damaged archive raises what it likes, from zip to attribute errors.
    except Exception as error:
        raise VertikitError(f"a stored model cannot be read: {type(error).__name__}.", _MEND) from error
    raise VertikitError(f"a stored model asks for types that are not trusted: {', '.join(unknown)}.", _MEND)


def _packed(state: State) -> bytes:
    import numpy as np
    from safetensors.numpy import save

    for key, array in state.arrays.items():
        if np.asarray(array).dtype.kind not in "biuf":
            raise ValueError(f"array {key!r} is not of numbers")
    # safetensors writes the memory of an array as it lies, whatever its strides.
    content: bytes = save({key: np.array(array, order="C") for key, array in state.arrays.items()})
    return content


def _arrays(path: Path, wanted: set[str]) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(path.read_bytes())
    except SafetensorError as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error
    if set(arrays) != wanted:
        raise ValueError(f"{path.name} does not hold the arrays that it should")
    return arrays


def _blob(path: Path, size: int) -> bytes:
    content = path.read_bytes()
    if len(content) != size:
        raise ValueError(f"{path.name} has {len(content)} bytes where {size} were written")
    return content
