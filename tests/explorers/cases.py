"""One small example of every explorer, for the tests that hold for all of them."""

import functools
import math

import torch

from course_utils.config import ModelConfig
from course_utils.explorers import (
    attention_microscope,
    beam_tree,
    cross_attention,
    embedding_map,
    heads,
    mask_painter,
    metric_scalpel,
    positions,
    quantization_bench,
    residual_river,
    roofline,
    sampling_bench,
    training_scrubber,
)
from course_utils.text import Vocabulary
from course_utils.transformer import Transformer

TEXT = "the black cat sees the small dog"


def words_on_a_circle():
    """A vocabulary whose neighbors in the alphabet are neighbors on a circle."""
    vocabulary = Vocabulary.build([TEXT, "a red bird sings here and a fish swims"])
    turn = torch.linspace(0, 5.5, len(vocabulary))
    noise = torch.randn(len(vocabulary), 6, generator=torch.Generator().manual_seed(0))
    circle = torch.stack([turn.cos(), turn.sin()], -1).repeat(1, 3)
    return vocabulary, circle + 0.2 * noise


def embedding_map_case():
    vocabulary, vectors = words_on_a_circle()
    examples = ("a fish sings",)
    return embedding_map.show_embedding_map(
        vocabulary, vectors, TEXT, "cat", examples=examples
    )


REVERSED = "ant bee cat dog eel fox".split()


@functools.cache
def reversal_translator():
    """A small translator, trained here, that writes six words in reverse order."""
    vocabulary = Vocabulary.build([" ".join(REVERSED)])
    sizes = {"d_model": 32, "n_heads": 2, "n_layers": 1, "d_ff": 64, "max_len": 16}
    generator = torch.Generator().manual_seed(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = Transformer(ModelConfig(len(vocabulary), **sizes))
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    end = torch.full((64, 1), vocabulary.end_id)
    for _ in range(250):
        words = torch.randint(3, len(vocabulary), (64, 6), generator=generator)
        target = torch.cat([end - 1, words.flip(1), end], 1)
        logits = model(words, target[:, :-1])
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), target[:, 1:].flatten()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model.eval(), vocabulary


def cross_attention_case():
    model, vocabulary = reversal_translator()
    sources = [" ".join(REVERSED), "fox fox ant eel bee cat"]
    pairs = {text: " ".join(reversed(text.split())) for text in sources}
    return cross_attention.show_cross_attention(model, vocabulary, pairs)


def training_log(rate, steps=300):
    """A made-up log: a plateau, a fall at half time, and a rate that warms up."""
    entries = []
    for step in range(1, steps + 1):
        fall = 1 / (1 + math.exp(-(step - steps / 2) / 15))
        warm = min(1, step / 50) * (1 - step / (2 * steps))
        norm = 0.5 + 2 * math.exp(-abs(step - steps / 2) / 20)
        loss = 3.5 - 3 * fall + 0.02 * math.sin(step)
        entries.append({"loss": loss, "learning_rate": rate * warm, "norm": norm})
    return entries


def training_scrubber_case():
    runs = {"warm-up": training_log(3e-3), "longer": training_log(1e-3, 500)}
    return training_scrubber.show_training_scrubber(runs)


CASES = {
    "attention_microscope": attention_microscope.show_attention_microscope,
    "mask_painter": mask_painter.show_mask_painter,
    "heads": heads.show_heads,
    "positions": positions.show_positions,
    "cross_attention": cross_attention_case,
    "training_scrubber": training_scrubber_case,
    "embedding_map": embedding_map_case,
    "residual_river": residual_river.show_residual_river,
    "sampling_bench": sampling_bench.show_sampling_bench,
    "quantization_bench": quantization_bench.show_quantization_bench,
    "roofline": roofline.show_roofline,
    "beam_tree": beam_tree.show_beam_tree,
    "metric_scalpel": metric_scalpel.show_metric_scalpel,
}
