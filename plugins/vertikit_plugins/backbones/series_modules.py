"""Networks over windows [B, C, L] with gaps and of different lengths; what stands beyond a window's end has no say.

No network normalises over a batch: a window has the same features in any company.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from vertikit.contracts import Features

LONGEST = 512
"""Time steps that convolutions run over at full width; a longer window is read in larger strides first."""


def within(lengths: Tensor, size: int) -> Tensor:
    """[B, L] 1 where a position is inside its window."""
    return (torch.arange(size, device=lengths.device)[None, :] < lengths[:, None]).float()


class _Norm(nn.Module):
    """Layer norm over the channels of each position [B, D, L]."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(x.transpose(1, 2))
        return normed.transpose(1, 2)


class _Block(nn.Module):
    """Two convolutions and a way around them; time is halved."""

    def __init__(self, width: int, kernel: int, dropout: float) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, width, kernel, stride=2, padding=kernel // 2)
        self.second = nn.Conv1d(width, width, kernel, padding=kernel // 2)
        self.around = nn.Conv1d(width, width, 1, stride=2)
        self.norms = nn.ModuleList([_Norm(width), _Norm(width)])
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, inside: Tensor) -> tuple[Tensor, Tensor]:
        halved = inside[:, ::2]
        mask = halved[:, None]
        y = torch.relu(self.norms[0](self.first(x))) * mask
        y = self.norms[1](self.second(self.dropout(y)))
        return torch.relu(y + self.around(x)) * mask, halved


class ResNet(nn.Module):
    """Convolutions over time; the mean and the largest of each channel are the features."""

    def __init__(
        self, channels: int, longest: int, width: int, blocks: int, kernel: int, dropout: float
    ) -> None:
        super().__init__()
        self.stride = max(1, 2 ** max(0, (longest - 1) // LONGEST).bit_length())
        wide = max(kernel, 2 * self.stride + 1)
        self.stem = nn.Conv1d(2 * channels, width, wide, stride=self.stride, padding=wide // 2)
        self.norm = _Norm(width)
        self.layers = nn.ModuleList(_Block(width, kernel, dropout) for _ in range(blocks))
        self.pool = nn.Linear(2 * width, width)

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Features:
        inside = within(lengths, readings.shape[2])
        gaps = (1 - known) * inside[:, None]
        x = self.stem(torch.cat([readings, gaps], dim=1))
        inside = inside[:, :: self.stride]
        x = torch.relu(self.norm(x)) * inside[:, None]
        for layer in self.layers:
            x, inside = layer(x, inside)
        mask = inside[:, None]
        mean = (x * mask).sum(dim=2) / mask.sum(dim=2).clamp(min=1)
        # What is left of relu is not below 0, so a position outside never is the largest.
        return Features(pooled=torch.relu(self.pool(torch.cat([mean, (x * mask).amax(dim=2)], dim=1))))


class Gru(nn.Module):
    """Patches of readings into a recurrent network; its last states, both ways, are the features."""

    def __init__(
        self, channels: int, longest: int, width: int, layers: int, steps: int, dropout: float
    ) -> None:
        super().__init__()
        self.patch = -(-longest // steps)
        self.embed = nn.Linear(2 * channels * self.patch, width)
        self.layers = nn.GRU(width, width, layers, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(dropout)
        self.pool = nn.Linear(2 * width, width)

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Features:
        inside = within(lengths, readings.shape[2])
        x = torch.cat([readings, (1 - known) * inside[:, None]], dim=1)
        x = nn.functional.pad(x, (0, -x.shape[2] % self.patch))
        patches = x.unfold(2, self.patch, self.patch).transpose(1, 2).flatten(2)
        count = torch.div(lengths + self.patch - 1, self.patch, rounding_mode="floor")
        packed = nn.utils.rnn.pack_padded_sequence(
            torch.relu(self.embed(patches)), count.cpu(), batch_first=True, enforce_sorted=False
        )
        _, last = self.layers(packed)
        return Features(pooled=torch.relu(self.pool(self.dropout(torch.cat([last[-2], last[-1]], dim=1)))))


def patch_encoder(
    channels: int,
    length: int,
    width: int,
    layers: int,
    *,
    patch: int,
    stride: int,
    inner: int,
    dropout: float,
) -> nn.Module:
    """PatchTST of Transformers, untrained: [B, length, C] -> hidden states [B, C, patches, width].

    Layers are normalised by themselves, not over a batch, and scale is left to the caller.
    """
    from transformers import PatchTSTConfig, PatchTSTModel

    config = PatchTSTConfig(
        num_input_channels=channels,
        context_length=length,
        patch_length=patch,
        patch_stride=stride,
        d_model=width,
        num_hidden_layers=layers,
        num_attention_heads=4 if width % 4 == 0 else 1,
        ffn_dim=inner,
        attention_dropout=dropout,
        ff_dropout=dropout,
        positional_dropout=dropout,
        norm_type="layernorm",
        scaling=None,
        do_mask_input=False,
    )
    encoder: nn.Module = PatchTSTModel(config)
    return encoder


class PatchTst(nn.Module):
    """Patches of each sensor by itself into a Transformer; a shorter window stands at the end of the longest."""

    def __init__(
        self, channels: int, longest: int, width: int, layers: int, patches: int, dropout: float
    ) -> None:
        super().__init__()
        patch = max(1, -(-longest // patches))
        self.longest = max(-(-longest // patch), 2) * patch
        self.encoder = patch_encoder(
            channels, self.longest, width, layers, patch=patch, stride=patch, inner=2 * width, dropout=dropout
        )
        self.pool = nn.Linear(channels * width, width)

    def forward(self, readings: Tensor, known: Tensor, lengths: Tensor) -> Features:
        size = readings.shape[2]
        # Position p of the context holds reading p - (context - length) of the window.
        place = torch.arange(self.longest, device=readings.device)[None] - (self.longest - lengths[:, None])
        taken = place.clamp(0, size - 1)[:, None].expand(-1, readings.shape[1], -1)
        there = (place >= 0).float()[:, None]
        values = (readings.gather(2, taken) * there).transpose(1, 2)
        seen = (known.gather(2, taken) * there).transpose(1, 2)
        found = self.encoder(past_values=values, past_observed_mask=seen).last_hidden_state
        return Features(pooled=torch.relu(self.pool(found.mean(dim=2).flatten(1))))
