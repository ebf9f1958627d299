"""The course's translator: one model for English to French and to Chinese.

The first source token names the wanted language (Johnson et al. 2017, arXiv
1611.04558). The recipe `translator-scan` chose the size: the smallest with at
least 97 % of the sentences exactly right in both languages that stays within 1 BLEU of
one about twice as large.
"""

from pathlib import Path

from course_utils.checkpoints import save_checkpoint
from course_utils.data.phrasebook import Pair, phrasebook
from course_utils.recipes.common import (
    Corpus,
    corpus_fingerprint,
    finish,
    judge,
    new_trainer,
)
from course_utils.training import Trainer, TrainingSettings
from course_utils.transformer import Transformer
from course_utils.translator import WEIGHTS, Translator, language_tag

LANGUAGES = ("fr", "zh")
PAIRS = 100_000
SEEDS = {"fr": 0, "zh": 1}
SIZES = {"d_model": 64, "n_heads": 4, "n_layers": 2, "d_ff": 256, "max_len": 40}
SETTINGS = TrainingSettings(
    steps=5000, batch_size=128, learning_rate=4e-3, warmup=300, smoothing=0.0
)
LIMITS = [
    "It knows the phrasebook's words and grammar; other words are refused by name.",
    "It has seen sentences of 4 to 14 words with a full stop or question mark; longer "
    "or differently built ones come out wrong, without a warning.",
    "It writes lower case and one fixed choice where people have several "
    "(you is always vous and 你, a lawyer is always a woman or always a man).",
]

__all__ = [
    "LANGUAGES",
    "PAIRS",
    "SETTINGS",
    "SIZES",
    "read_corpus",
    "train_translator",
]


def read_pairs(split: str, n: int) -> dict[str, list[Pair]]:
    """Draw `n` pairs of each language; the two read different English sentences."""
    return {lang: phrasebook(lang, n, split, SEEDS[lang]) for lang in LANGUAGES}


def read_corpus() -> tuple[Corpus, str]:
    """Return the training pairs of both languages as tokens, and their fingerprint."""
    pairs = read_pairs("train", PAIRS)
    corpus = Corpus.build({language_tag(lang): pairs[lang] for lang in LANGUAGES})
    return corpus, corpus_fingerprint(p for lang in LANGUAGES for p in pairs[lang])


def judge_both(model: Transformer, corpus: Corpus, split: str, n: int) -> dict:
    """Return what `judge` finds for each language on held-out combinations."""
    pairs = read_pairs(split, n)
    return {
        lang: judge(Translator(model, corpus.vocabulary, lang), pairs[lang])
        for lang in LANGUAGES
    }


def train_translator(out: Path | None = None, resume: bool = False) -> dict:
    """Train the translator, English to French and Chinese (about 20 minutes)."""
    folder = Path(out or WEIGHTS)
    corpus, data = read_corpus()
    trainer = new_trainer(corpus, SETTINGS, SIZES)
    state = folder / "runs" / "translator.state"
    finish(trainer, state, resume, "translator")
    return keep(trainer, corpus, data, folder)


def keep(trainer: Trainer, corpus: Corpus, data: str, folder: Path) -> dict:
    """Judge a trained translator on the test split and write its checkpoint."""
    record = {
        "recipe": "translator",
        "settings": vars(trainer.settings),
        "data": {"name": "phrasebook, fr and zh", "pairs": PAIRS, "fingerprint": data},
        "metrics": judge_both(trainer.model, corpus, "test", 2000),
        "limits": LIMITS,
    }
    return save_checkpoint(
        folder / "translator", trainer.model, corpus.vocabulary, record
    )
