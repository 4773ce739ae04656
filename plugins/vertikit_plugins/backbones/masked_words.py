"""Masked language modelling: words are hidden, and the encoder guesses them from the rest (Devlin et al. 2019,
arXiv:1810.04805), with the head that it was pretrained with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

SHARE = 0.15
"""Of the words that are guessed."""


class _Given(nn.Module):
    """Stands for the encoder inside a model whose head alone is wanted: it answers with what it was given."""

    hidden: Tensor

    def forward(self, *_: Any, **__: Any) -> Any:
        from transformers.modeling_outputs import BaseModelOutput

        return BaseModelOutput(last_hidden_state=self.hidden)


class MaskedWords(nn.Module):
    """Fifteen in a hundred words are guessed; of these, eight in ten are hidden and one is another word.

    Args:
        whole: the encoder with its masked-language head; the head alone is kept, with weights of its own.
        tokenizer: knows the mask and which tokens are no words.
    """

    def __init__(self, whole: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        super().__init__()
        from transformers import DataCollatorForLanguageModeling

        self.given = _Given()
        setattr(whole, whole.base_model_prefix, self.given)
        self.head = whole
        _untie(whole)
        self._hide = DataCollatorForLanguageModeling(tokenizer, mlm_probability=SHARE).torch_mask_tokens

    def forward(self, encoder: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        """A batch of texts, B of them, in windows -> losses [B], whose mean is that over all hidden words."""
        ids, owner = batch["input_ids"], batch["owner"]
        hidden, truth = (each.to(ids.device) for each in self._hide(ids.cpu().clone()))
        inner = encoder.get_submodule("encoder")
        states: Tensor = inner(input_ids=hidden, attention_mask=batch["attention_mask"]).last_hidden_state
        where = truth >= 0
        count = int(owner[-1]) + 1
        if not where.any():
            return states.new_zeros(count) + states.sum() * 0
        # The head sees hidden words alone: scores of a whole vocabulary for every word would fill the memory.
        self.given.hidden = states[where][None]
        scores = self.head(input_ids=ids[:1, :1]).logits[0].float()
        del self.given.hidden
        each = functional.cross_entropy(scores, truth[where], reduction="none")
        of = owner[:, None].expand_as(truth)[where]
        total: Tensor = torch.zeros(count, device=each.device).index_add(0, of, each)
        return total * count / len(of)


def _untie(module: nn.Module) -> None:
    """Give every name a parameter of its own: checkpoints do not hold one under two names."""
    seen: set[int] = set()
    for name, parameter in list(module.named_parameters(remove_duplicate=False)):
        if id(parameter) in seen:
            owner, _, last = name.rpartition(".")
            setattr(module.get_submodule(owner), last, nn.Parameter(parameter.detach().clone()))
        seen.add(id(parameter))
