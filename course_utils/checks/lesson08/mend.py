"""08-mend: find what is wrong in a beam that runs without complaint."""

import torch

from course_utils.answers import Call
from course_utils.checks.lesson08.inputs import early_end, garden, random_steps
from course_utils.checks.spec import Check, slips

__all__ = ["CHECK"]

NAME = "mended_beam"


def calls(seed: int) -> dict[str, Call]:
    """Return a garden path by hand, then random tables, sizes and ends."""
    return {
        "greedy on the garden path": _call(garden(), [1], 2, 1),
        "the garden path": _call(garden(), [1], 4, 2),
        "an early end": _call(early_end(), [1], 3, 2),
        "a wider beam": _call(garden(), [1], 4, 4),
        "random scores": _call(random_steps(seed, 6), [1], 5, 3),
        "a longer beginning": _call(random_steps(seed + 1, 8), [1, 5, 3], 4, 2),
        "few texts end": _call(random_steps(seed + 2, 7, end=-4.0), [1], 3, 5),
        "another end": _call(random_steps(seed + 3, 6), [1], 4, 3, {"end_id": 4}),
    }


def _call(steps, start, max_new: int, beam: int, options: dict | None = None) -> Call:
    return Call(NAME, (steps, start, max_new, beam), options or {})


def beam_search(next_logits, start, max_new, beam, end_id=2):
    """Return the right texts: a table of totals, ended ones carried over."""
    totals = {tuple(start): 0.0}
    for _ in range(max_new):
        pool = {text: total for text, total in totals.items() if _over(text, end_id)}
        live = [text for text in totals if text not in pool]
        if not live:
            break
        powers = next_logits(torch.tensor(live)).double().softmax(-1).log()
        for text, row in zip(live, powers.tolist(), strict=True):
            pool |= {(*text, i): totals[text] + one for i, one in enumerate(row)}
        best = sorted(pool, key=pool.get, reverse=True)[:beam]
        totals = {text: pool[text] for text in best}
    return [(list(text), total) for text, total in totals.items()]


def _over(text, end_id):
    return text[-1] == end_id


def _log_p(next_logits, tokens):
    return next_logits(torch.tensor([tokens]))[0].log_softmax(-1)


def _raw(next_logits, tokens):
    return next_logits(torch.tensor([tokens]))[0]


def _softmax(next_logits, tokens):
    return next_logits(torch.tensor([tokens]))[0].softmax(-1)


def _version(ended="kept", step=_log_p, stop=None):
    """Return the beam of the card with another treatment of ended texts, or score."""

    def search(next_logits, start, max_new, beam, end_id=2):
        texts, done = [(list(start), 0.0)], []
        for _ in range(max_new):
            grown = []
            for tokens, total in texts:
                over = len(tokens) > len(start) and tokens[-1] == end_id
                if over and ended == "kept":
                    grown.append((tokens, total))
                elif over and ended == "padded":
                    grown.append(([*tokens, 0], total))
                elif not (over and ended in ("lost", "apart")):
                    row = step(next_logits, tokens).tolist()
                    grown += [([*tokens, i], total + one) for i, one in enumerate(row)]
            grown.sort(key=lambda one: one[1], reverse=True)
            texts = grown[:beam]
            if ended == "apart":
                done += [one for one in texts if one[0][-1] == end_id]
                texts = [one for one in grown if one[0][-1] != end_id][:beam]
            if stop and stop(texts, end_id):
                break
        best = sorted(done + texts, key=lambda one: one[1], reverse=True)
        return best[:beam]

    return search


def _first_over(texts, end_id):
    return texts[0][0][-1] == end_id


def _any_over(texts, end_id):
    return any(tokens[-1] == end_id for tokens, _ in texts)


VERSIONS = {
    "nothing-mended": _version("grown", _raw),
    "growing-left": _version("grown"),
    "logits-left": _version(step=_raw),
    "probabilities-added": _version(step=_softmax),
    "ended-lost": _version("lost"),
    "ended-lost-logits-left": _version("lost", _raw),
    "ended-padded": _version("padded"),
    "stops-with-the-best": _version(stop=_first_over),
    "stops-with-any": _version(stop=_any_over),
    "two-lists": _version("apart"),
}
TEXTS = {
    "nothing-mended": "It still does what the broken one did. Look at a text in the "
    "result: does anything follow its end? And do e^scores of one step add up to 1?",
    "growing-left": "The scores are log-probabilities now; one fault is left. Print "
    "the texts after every step: what happens to one that has ended?",
    "logits-left": "Ended texts are left alone now; one fault is left. Raw scores "
    "cannot be compared between two texts: one model call may give larger numbers "
    "than the other. What turns logits into log-probabilities?",
    "probabilities-added": "You add up probabilities, so longer texts collect more. "
    "Probabilities multiply, their *logarithms* add up.",
    "ended-lost": "Ended texts do not grow any more, but they are gone: they have left "
    "the competition. Carry them over to the next round as they are.",
    "ended-lost-logits-left": "Ended texts do not grow any more, but they are gone: "
    "carry them over as they are. And are the scores log-probabilities?",
    "ended-padded": "Ended texts get padding. The card wants them as they are: here "
    "each text is a list of its own, so all need not have the same length.",
    "stops-with-the-best": "The search stops as soon as the best text has ended, while "
    "others of the beam are unfinished. The card wants all of them: go on until every "
    "text has ended or `max_new` is reached.",
    "stops-with-any": "The search stops as soon as one text has ended. Others may "
    "still be better: go on until all have ended or `max_new` is reached.",
    "two-lists": "You keep the ended texts apart, as the lesson's `beam_search` does. "
    "That is a good search, but a different one: here they compete for the same "
    "`beam` places.",
}

CHECK = Check(
    calls,
    {NAME: beam_search},
    slips=slips(NAME, VERSIONS, TEXTS),
)
