"""Measure how good an output is, each metric equal to a trusted implementation."""

from course_utils.metrics.answers import exact_match, normalize_answer, token_f1
from course_utils.metrics.bleu import (
    bleu_counts,
    bleu_from_counts,
    brevity_penalty,
    clipped_precision,
    corpus_bleu,
    sentence_bleu,
)
from course_utils.metrics.bootstrap import (
    bootstrap_interval,
    bootstrap_scores,
    paired_bootstrap,
)
from course_utils.metrics.chrf import chrf_counts, chrf_from_counts, corpus_chrf
from course_utils.metrics.likelihood import bits_per_byte, perplexity
from course_utils.metrics.ngrams import MatchCounts, f_score, ngram_counts
from course_utils.metrics.overlap import common_subsequence, matched_spans
from course_utils.metrics.rouge import lcs_table, rouge_l, rouge_n, rouge_words

__all__ = [
    "MatchCounts",
    "bits_per_byte",
    "bleu_counts",
    "bleu_from_counts",
    "bootstrap_interval",
    "bootstrap_scores",
    "brevity_penalty",
    "chrf_counts",
    "chrf_from_counts",
    "clipped_precision",
    "common_subsequence",
    "corpus_bleu",
    "corpus_chrf",
    "exact_match",
    "f_score",
    "lcs_table",
    "matched_spans",
    "ngram_counts",
    "normalize_answer",
    "paired_bootstrap",
    "perplexity",
    "rouge_l",
    "rouge_n",
    "rouge_words",
    "sentence_bleu",
    "token_f1",
]
