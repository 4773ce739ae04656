"""What runs in one process have in common, held once: weights of equal content, tokenizers, graphs."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from vertikit.contracts import Sharing
from vertikit.prepare.learnt_from import LearntFrom

if TYPE_CHECKING:
    from torch import Tensor, nn

    from vertikit.run.model_parts import ModelParts

SMALLEST = 1024
"""Bytes of a tensor that is worth looking up."""
_ARENA_MAX = -8
ARENAS = 2
"""In which all threads of the process get their memory: one for each thread would keep what each freed."""


class Pool:
    """Tensors and things by their content. What no run uses any more is gone by itself."""

    def __init__(self) -> None:
        self._held: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._lock = threading.Lock()

    def share(self, parts: ModelParts) -> int:
        """Let the encoders of a run use what others hold already; the bytes that were given up.

        Whatever strategy trained them, weights that it left alone are the same bytes in every run: all of a frozen
        encoder, those beneath adapters, the layers below those that were tuned.
        """
        saved = 0
        for backbone in parts.assembled.backbones.values():
            if isinstance(backbone, Sharing):
                backbone.share(self.hold)
            for module in backbone.module.modules():
                if isinstance(module, Sharing):
                    module.share(self.hold)
                saved += self._tensors(module)
        return saved

    def hold(self, key: str, own: Any) -> Any:
        """What is known by that key; `own`, which is known by it from now on, where nothing is."""
        with self._lock:
            return self._held.setdefault(key, own)

    def _tensors(self, module: nn.Module) -> int:
        saved = 0
        for name, own in list(_own_tensors(module)):
            size = own.numel() * own.element_size()
            if size < SMALLEST:
                continue
            held = self.hold(_key(own), own)
            if held is not own:
                saved += size
                (module._parameters if name in module._parameters else module._buffers)[name] = held
        return saved


def _own_tensors(module: nn.Module) -> Iterator[tuple[str, Tensor]]:
    for held in (module._parameters, module._buffers):
        for name, tensor in held.items():
            if tensor is not None and tensor.device.type == "cpu" and tensor.is_contiguous():
                yield name, tensor


def _key(tensor: Tensor) -> str:
    """Of its content, its form, and whether it is a parameter."""
    import torch

    content = tensor.detach().reshape(-1).view(torch.uint8).numpy()
    form = f"{type(tensor).__name__} {tensor.dtype} {tuple(tensor.shape)}"
    return f"{form} {hashlib.sha256(content).hexdigest()}"  # type: ignore[arg-type]


def lightened(parts: ModelParts) -> None:
    """Let go of what no answer needs: weights as they were before training, baselines, hashes of rows."""
    parts.assembled.initial = {}
    parts.assembled.pretrained = {}
    parts.baselines = {}
    parts.learnt_from = LearntFrom()
    for parameter in parts.assembled.model.parameters():
        parameter.requires_grad_(False)


def few_arenas() -> None:
    """Let all threads share a few pieces of memory, where the C library can."""
    _call("mallopt", _ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give memory that was freed back to the system, where the C library can."""
    gc.collect()
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    try:
        getattr(ctypes.CDLL(None), name)(*arguments)
    except (AttributeError, OSError, TypeError):  # another C library
        return
