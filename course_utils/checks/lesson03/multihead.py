"""03-multihead: rebuild the module, with weights that others can load."""

import torch

from course_utils.answers import Call, Ref
from course_utils.attention import scaled_dot_product_attention
from course_utils.checks.drawing import draw
from course_utils.checks.lesson03.inputs import HeadByHead, holes, weights
from course_utils.checks.spec import Check, Slip

__all__ = ["CHECK", "OWN_WORK"]

NAME = "MultiHeadAttention"
B, T, S, C, H = 2, 5, 7, 12, 3
OWN_WORK = {
    "MultiheadAttention": "This exercise is about building it yourself: leave torch's "
    "module aside, and use `nn.Linear`, your `split` and your `merge`.",
    "multi_head_attention_forward": "This exercise is about building it yourself: "
    "leave torch's function aside.",
    **{
        f"course_utils.multihead.{name}": "This exercise is about building it "
        "yourself: leave the course's own version aside, and use your `split` and "
        "your `merge`."
        for name in ("MultiHeadAttention", "split_heads", "merge_heads")
    },
}


def calls(seed: int) -> dict[str, Call]:
    """Return one head first, then heads, masks, another attention, wrong sizes."""
    x, source = draw(seed, (B, T, C), (B, S, C))
    state = weights(seed, C, C, C)
    causal = torch.ones(T, T, dtype=torch.bool).tril()
    padding = holes((B, 1, 1, S), seed)
    nothing = torch.zeros(B, 1, T, S, dtype=torch.bool)
    nothing[1] = True

    def ask(*inputs, heads=H, args=(), grads=False):
        return Call(NAME, (C, heads, *args), inputs=inputs, state=state, grads=grads)

    other = (Ref("course_utils.answers.objects.average_values"),)
    return {
        "one head": ask(x, x, heads=1),
        "another source": ask(x, source),
        "three heads": ask(x, x, grads=True),
        "another source, on the way back": ask(x, source, grads=True),
        "causal": ask(x, x, causal, grads=True),
        "padding": ask(x, source, padding),
        "one word": ask(x[:1, :1], source[:1], heads=C),
        "another attention": ask(x, source, args=other),
        "a sentence that may see nothing": ask(x, source, nothing),
        "C = 10, H = 4": Call(NAME, (10, 4)),
    }


class _NoBias(HeadByHead):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for layer in (self.q_proj, self.k_proj, self.v_proj, self.out_proj):
            layer.bias = None


class _NoOut(HeadByHead):
    def forward(self, x, source, mask=None):
        q, k, v = map(self.split, self.project(x, source))
        return self.merge(self.look(q, k, v, mask))


class _NotMerged(HeadByHead):
    def merge(self, heads):
        return heads


class _ValuesFromX(HeadByHead):
    def project(self, x, source):
        return self.q_proj(x), self.k_proj(source), self.v_proj(x)


class _KeysFromX(HeadByHead):
    def project(self, x, source):
        return self.q_proj(x), self.k_proj(x), self.v_proj(source)


class _OneHead(HeadByHead):
    def split(self, x):
        return x[:, None]


class _SourceIgnored(HeadByHead):
    def project(self, x, source):
        return super().project(x, x)


class _AllFromSource(HeadByHead):
    def project(self, x, source):
        return super().project(source, source)


class _Turned(HeadByHead):
    def project(self, x, source):
        return super().project(source, x)


class _ValuesFromKeys(HeadByHead):
    def project(self, x, source):
        return self.q_proj(x), self.k_proj(source), self.k_proj(source)


class _OneMap(HeadByHead):
    def project(self, x, source):
        return self.q_proj(x), self.q_proj(source), self.q_proj(source)


class _ValuesRaw(HeadByHead):
    def project(self, x, source):
        return self.q_proj(x), self.k_proj(source), source


class _ScaledTwice(HeadByHead):
    def look(self, q, k, v, mask):
        return self.attention(q / q.shape[-1] ** 0.5, k, v, mask)


class _NoMask(HeadByHead):
    def look(self, q, k, v, mask):
        return self.attention(q, k, v)


class _MaskInverted(HeadByHead):
    def look(self, q, k, v, mask):
        return self.attention(q, k, v, None if mask is None else ~mask)


class _FixedAttention(HeadByHead):
    def look(self, q, k, v, mask):
        return scaled_dot_product_attention(q, k, v, mask)


class _Viewed(HeadByHead):
    def split(self, x):
        return x.reshape(len(x), self.n_heads, x.shape[1], -1)


class _ViewedTwice(_Viewed):
    def merge(self, heads):
        return heads.reshape(len(heads), heads.shape[2], -1)


class _MergeViewed(HeadByHead):
    merge = _ViewedTwice.merge


class _WordsAreHeads(HeadByHead):
    def split(self, x):
        return x.unflatten(-1, (self.n_heads, -1))

    def merge(self, heads):
        return heads.flatten(2)


class _Added(HeadByHead):
    def forward(self, x, source, mask=None):
        return x + super().forward(x, source, mask)


TEXTS = {
    "one-map-for-all": "`q_proj` makes the queries, the keys and the values. Each of "
    "the three has a map of its own: `k_proj` and `v_proj`.",
    "no-bias": "The four maps have no bias, so the trained ones cannot be loaded. "
    "`nn.Linear` has one unless told otherwise.",
    "no-out": "What the heads found comes back as it is. The last step is missing: "
    "`out_proj` mixes it.",
    "not-merged": "The heads reach `out_proj` one by one. Merge them first: it mixes "
    "the whole width, what all heads of a word found.",
    "one-head": "`n_heads` changes nothing: the whole width attends as one head. Cut "
    "queries, keys and values with `split` before attending.",
    "values-from-x": "The values are made of `x`, the keys of `source`. Both must come "
    "from `source`: a key says where to look, its value what is found there.",
    "keys-from-x": "The keys are made of `x`, the values of `source`. Both must come "
    "from `source`: a key says where to look, its value what is found there.",
    "source-ignored": "Keys and values are made of `x`. They must come from `source`, "
    "the words that are looked at.",
    "all-from-source": "The queries are made of `source`. They must come from `x`, the "
    "words that ask; there is one answer for each of those.",
    "turned": "`x` and `source` have changed places: `x` asks (queries), `source` is "
    "looked at (keys and values).",
    "values-from-keys": "The values go through `k_proj`. They have a map of their own, "
    "`v_proj`: what is handed over need not be what is compared.",
    "values-raw": "The values are the words of `source` as they are. They go through "
    "`v_proj` first.",
    "scaled-twice": "The scores are divided by √D twice: the attention function does "
    "that already.",
    "no-mask": "The mask does not reach the attention function: hand it on, as the "
    "fourth argument.",
    "mask-inverted": "The mask is turned round on the way. In this course True always "
    "means “may attend”; only torch's module reads it the other way.",
    "fixed-attention": "The argument `attention` is not used: another function was "
    "passed in, and yours still did the usual. Keep it in __init__ and call what "
    "you kept.",
    "viewed": "The shape is right, the numbers are mixed up: a view straight to "
    "(B, H, T, D) makes heads of pieces of the sentence. Cut the width, then swap.",
    "merge-viewed": "Split is right; the merge mixes up words. Bring the heads back "
    "behind the words before you join them.",
    "words-are-heads": "The heads stand on the axis of the words, so that the heads of "
    "one word look at each other, and no word at another one. Attention works on "
    "the last two axes: words and width.",
    "added": "`x` is added to the result. That is a fine idea, and it comes in lesson "
    "05, outside of this module; here the heads' answer alone is wanted.",
}
VERSIONS = {
    "one-map-for-all": (_OneMap, ""),
    "no-bias": (_NoBias, "What does it cost?"),
    "no-out": (_NoOut, ""),
    "not-merged": (_NotMerged, ""),
    "one-head": (_OneHead, ""),
    "source-ignored": (_SourceIgnored, ""),
    "values-from-x": (_ValuesFromX, ""),
    "keys-from-x": (_KeysFromX, ""),
    "all-from-source": (_AllFromSource, ""),
    "turned": (_Turned, ""),
    "values-from-keys": (_ValuesFromKeys, ""),
    "values-raw": (_ValuesRaw, ""),
    "scaled-twice": (_ScaledTwice, ""),
    "no-mask": (_NoMask, ""),
    "mask-inverted": (_MaskInverted, ""),
    "fixed-attention": (_FixedAttention, ""),
    "viewed": (_Viewed, "Heads: cut the width into pieces"),
    "viewed-twice": (_ViewedTwice, "Heads: cut the width into pieces"),
    "merge-viewed": (_MergeViewed, "Heads: cut the width into pieces"),
    "words-are-heads": (_WordsAreHeads, "Heads: cut the width into pieces"),
    "added": (_Added, ""),
}

CHECK = Check(
    calls,
    {NAME: HeadByHead},
    forbids=OWN_WORK,
    slips=tuple(
        Slip(name, TEXTS.get(name, TEXTS["viewed"]), {NAME: version}, section)
        for name, (version, section) in VERSIONS.items()
    ),
)
