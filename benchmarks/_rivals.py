"""Hugging Face models that carry our weights, so that both must write the same tokens.

Each is set up as its users would, with the options that proved fastest here: fused
attention, the fused activation, its own key/value cache.
"""

import torch
from torch import Tensor, nn

from course_utils.interop import from_gpt2
from course_utils.transformer import LanguageModel, Transformer

__all__ = ["gpt2_like", "gpt2_writes", "pegasus_like", "pegasus_writes"]

ACTIVATIONS = {"relu": "relu", "gelu": "gelu", "gelu_tanh": "gelu_pytorch_tanh"}
LAYER = (
    ("self_attention", "self_attn"),
    ("cross_attention", "encoder_attn"),
    ("attention", "self_attn"),
    ("feed_forward.up_proj", "fc1"),
    ("feed_forward.down_proj", "fc2"),
)
NORMS = {
    "encoder": {"norm1": "self_attn_layer_norm", "norm2": "final_layer_norm"},
    "decoder": {
        "norm1": "self_attn_layer_norm",
        "norm2": "encoder_attn_layer_norm",
        "norm3": "final_layer_norm",
    },
}


def gpt2_like(model: LanguageModel) -> nn.Module:
    """Return a `GPT2LMHeadModel` with the weights of a pre-norm language model."""
    from transformers import GPT2Config, GPT2LMHeadModel

    c = model.config
    config = GPT2Config(
        vocab_size=c.vocab_size,
        n_positions=c.max_len,
        n_embd=c.d_model,
        n_layer=c.n_layers,
        n_head=c.n_heads,
        n_inner=c.d_ff,
        activation_function=ACTIVATIONS[c.activation],
        layer_norm_epsilon=c.norm_eps,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        attn_implementation="sdpa",
    )
    theirs = GPT2LMHeadModel(config).eval()
    ours = {**model.state_dict(), "lm_head.weight": model.embedding.token.weight}
    views = from_gpt2(theirs.state_dict())  # of their memory, under our names
    assert views.keys() == ours.keys(), sorted(views.keys() ^ ours.keys())
    with torch.no_grad():
        for name, view in views.items():
            view.copy_(ours[name])
    for name, tensor in from_gpt2(theirs.state_dict()).items():
        assert torch.equal(tensor, ours[name]), name
    return theirs


def gpt2_writes(rival: nn.Module, prefix: list[int], max_new: int) -> list[int]:
    """Let it continue a text greedily by exactly `max_new` tokens."""
    ids = rival.generate(
        torch.tensor([prefix]),
        attention_mask=torch.ones(1, len(prefix), dtype=torch.long),
        max_new_tokens=max_new,
        eos_token_id=None,
        pad_token_id=0,
        do_sample=False,
    )
    return ids[0].tolist()


def pegasus_like(model: Transformer) -> nn.Module:
    """Return a `PegasusForConditionalGeneration` with the weights of a translator.

    It is the encoder-decoder there that is built like ours: norms first, sinusoids,
    scaled embeddings shared by both sides.
    """
    from transformers import PegasusConfig, PegasusForConditionalGeneration

    c = model.config
    config = PegasusConfig(
        vocab_size=c.vocab_size,
        d_model=c.d_model,
        max_position_embeddings=c.max_len,
        encoder_layers=c.n_layers,
        decoder_layers=c.n_layers,
        encoder_attention_heads=c.n_heads,
        decoder_attention_heads=c.n_heads,
        encoder_ffn_dim=c.d_ff,
        decoder_ffn_dim=c.d_ff,
        activation_function=ACTIVATIONS[c.activation],
        scale_embedding=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
        forced_eos_token_id=None,
        attn_implementation="sdpa",
    )
    theirs = PegasusForConditionalGeneration(config).eval()
    with torch.no_grad():
        for name, tensor in theirs.state_dict().items():
            tensor.copy_(_for_pegasus(name, model))
    theirs.generation_config.max_length = c.max_len
    return theirs


def _for_pegasus(name: str, model: Transformer) -> Tensor:
    if "embed_positions" in name:
        return model.embedding.positions.table
    if name == "final_logits_bias":
        return torch.zeros(1, model.config.vocab_size)
    if "shared" in name or "embed_tokens" in name or "lm_head" in name:
        return model.embedding.token.weight
    name = name.removeprefix("model.")
    side, _, rest = name.partition(".")
    if rest.startswith("layer_norm."):
        return getattr(getattr(model, side).norm, rest.split(".")[1])
    _, number, rest = rest.split(".", 2)
    for our, their in NORMS[side].items():
        rest = rest.replace(f"{their}.", f"{our}.")
    parts = dict(getattr(model, side).layers[int(number)].named_parameters())
    for our, their in LAYER:
        found = rest.replace(f"{their}.", f"{our}.")
        if found in parts:
            return parts[found]
    return parts[rest]


def pegasus_writes(rival: nn.Module, source: list[int]) -> list[int]:
    """Let it translate one sentence greedily, up to and including the end token."""
    ids = rival.generate(
        torch.tensor([source]),
        attention_mask=torch.ones(1, len(source), dtype=torch.long),
        num_beams=1,
        do_sample=False,
    )
    return [token for token in ids[0, 1:].tolist() if token]
