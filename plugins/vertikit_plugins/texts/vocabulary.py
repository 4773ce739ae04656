"""A tokenizer with fewer pieces, that reads the same texts as before in the same way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit import UsageError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


def smaller_vocabulary(
    tokenizer: PreTrainedTokenizerBase, used: NDArray[np.int64], further: int
) -> tuple[NDArray[np.int64], str]:
    """(which tokens stay [V'], in order; the JSON of a tokenizer that gives each its place among these).

    Beside the `used` ones stay: special ones, single letters (so that any word can be read), `further` of the lowest
    numbers, and, where words are put together pair by pair, all that they are put together from. Texts made of the used
    ones are read as before. UsageError for kinds of tokenizers that are not known.
    """
    content: dict[str, Any] = json.loads(tokenizer.backend_tokenizer.to_str())
    model = content["model"]
    kind = model.get("type")
    pieces = _pieces(model)
    count = 1 + max(pieces.values())
    added = {str(each["content"]): int(each["id"]) for each in content.get("added_tokens") or ()}
    stay = {int(each) for each in used} | set(added.values()) | set(map(int, tokenizer.all_special_ids))
    stay |= set(range(min(further, count)))
    mark = str(model.get("continuing_subword_prefix") or "")
    stay |= {at for piece, at in pieces.items() if len(piece.removeprefix(mark) if mark else piece) <= 1}
    if kind == "BPE":
        stay = _with_parts(model, pieces, stay)
    elif kind == "Unigram":
        # Pieces of bytes, and the one that stands for a space before a letter, are how all else is read.
        stay |= {
            at for piece, at in pieces.items() if len(piece.lstrip("\u2581")) <= 1 or piece.startswith("<0x")
        }
    elif kind != "WordPiece":
        raise UsageError(
            f"compress.steps: the vocabulary is one of {kind}, which cannot be trimmed.", "Leave trim out."
        )
    kept = np.array(sorted(stay), np.int64)
    place = {int(old): new for new, old in enumerate(kept)}
    _renumber(content, place)
    return kept, json.dumps(content, ensure_ascii=False)


def vocabulary_size(tokenizer: str) -> int:
    """How many tokens a tokenizer's JSON has numbers for."""
    content = json.loads(tokenizer)
    numbers = [
        *_pieces(content["model"]).values(),
        *(int(each["id"]) for each in content.get("added_tokens") or ()),
    ]
    return 1 + max(numbers)


def _pieces(model: dict[str, Any]) -> dict[str, int]:
    vocabulary = model["vocab"]
    if isinstance(vocabulary, list):
        return {str(piece): at for at, (piece, _) in enumerate(vocabulary)}
    return {str(piece): int(at) for piece, at in vocabulary.items()}


def _pairs(model: dict[str, Any]) -> list[tuple[str, str]]:
    split = (each.split(" ", 1) if isinstance(each, str) else each for each in model["merges"])
    return [(str(left), str(right)) for left, right in split]


def _with_parts(model: dict[str, Any], pieces: dict[str, int], stay: set[int]) -> set[int]:
    """Those, and the pieces that they are put together from."""
    names = {at: piece for piece, at in pieces.items()}
    made: dict[str, tuple[str, str]] = {}
    for left, right in _pairs(model):
        made.setdefault(left + right, (left, right))
    found, waiting = set(stay), [names[at] for at in stay if at in names]
    while waiting:
        for part in made.get(waiting.pop(), ()):
            if pieces[part] not in found:
                found.add(pieces[part])
                waiting.append(part)
    return found


def _renumber(content: dict[str, Any], place: dict[int, int]) -> None:
    """Every number of a piece in the tokenizer's JSON to its place among those that stay; the others go."""
    model = content["model"]
    pieces = _pieces(model)
    if isinstance(model["vocab"], list):
        model["vocab"] = [entry for at, entry in enumerate(model["vocab"]) if at in place]
        if model.get("unk_id") is not None:
            model["unk_id"] = place[int(model["unk_id"])]
    else:
        model["vocab"] = {piece: place[at] for piece, at in pieces.items() if at in place}
    if "merges" in model:
        left = model["vocab"]
        model["merges"] = [
            list(pair) for pair in _pairs(model) if all(each in left for each in (*pair, "".join(pair)))
        ]
    for each in content.get("added_tokens") or ():
        each["id"] = place[int(each["id"])]
    padding = content.get("padding")
    if padding:
        padding["pad_id"] = place[int(padding["pad_id"])]
    _renumber_specials(content.get("post_processor"), place)


def _renumber_specials(processor: Any, place: dict[int, int]) -> None:
    """The numbers of the tokens that are put around a text."""
    if not isinstance(processor, dict):
        return
    for each in processor.get("processors") or ():
        _renumber_specials(each, place)
    for name in ("sep", "cls"):
        if isinstance(processor.get(name), list):
            processor[name][1] = place[int(processor[name][1])]
    specials = processor.get("special_tokens")
    for each in specials.values() if isinstance(specials, dict) else ():
        each["ids"] = [place[int(at)] for at in each["ids"]]
