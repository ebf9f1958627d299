"""05-bert: how many parameters has BERT-base?"""

from course_utils.checks.spec import guess

__all__ = ["CHECK"]

V, C, F, L, POSITIONS = 30_522, 768, 3072, 12, 512
LAYER = 4 * C * (C + 1) + (2 * C * F + F + C) + 4 * C
ENDS = (V + POSITIONS) * C
ALL = L * LAYER + ENDS
MILLION = 1e6

CHECK = guess(
    "millions",
    ALL / MILLION,
    {
        "one-layer": (
            LAYER / MILLION,
            "That is one layer. BERT-base has twelve, and the two tables.",
        ),
        "tables-missing": (
            L * LAYER / MILLION,
            "Those are the twelve layers. The words need vectors too, before the first "
            "layer: V × C numbers, nearly a quarter of the whole.",
        ),
        "one-layer-and-tables": (
            (LAYER + ENDS) / MILLION,
            "The tables are in, but only one layer. There are twelve, and no two share "
            "their weights.",
        ),
        "table-twice": (
            (ALL + V * C) / MILLION,
            "The table of words is counted twice. The encoder only reads: there is one "
            "table, at the bottom.",
        ),
        "attention-missing": (
            (L * (LAYER - 4 * C * (C + 1)) + ENDS) / MILLION,
            "Thinking is counted, looking is not: each layer also has the four C × C "
            "maps of its attention.",
        ),
        "thinking-missing": (
            (L * 4 * C * (C + 1) + ENDS) / MILLION,
            "Looking is counted, thinking is not: each layer also has two maps between "
            "C and F, two thirds of it.",
        ),
        "one-map-for-attention": (
            (ALL - L * 3 * C * (C + 1)) / MILLION,
            "Attention is counted as one C × C map. There are four: for queries, keys, "
            "values, and the output.",
        ),
        "four-maps-per-head": (
            (ALL + 11 * L * 4 * C * (C + 1)) / MILLION,
            "Attention is counted once for each of the 12 heads. The heads *divide* "
            "the width between them; together they have four C × C maps.",
        ),
        "times-heads": (
            12 * L * 12 * C * C / MILLION,
            "The layers are multiplied by the heads as well. The heads *divide* the "
            "width between them: 12 C² is a whole layer, all heads together.",
        ),
        "not-in-millions": (
            ALL,
            "The number is right; it is asked for in millions, so divide by 1,000,000.",
        ),
    },
    rtol=0.02,
)
