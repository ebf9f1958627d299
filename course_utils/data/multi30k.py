"""Multi30k: image captions in English, German and French, an optional download.

Elliott, Frank, Sima'an, Specia 2016, "Multi30K: Multilingual English-German Image
Descriptions"; task 1, raw text. For non-commercial research and education.
"""

import gzip
import os
from pathlib import Path

from course_utils.data.corpus import Corpus, MissingDataError, Pair
from course_utils.data.downloads import cache_folder, fetch
from course_utils.data.language_packs import language_pack

__all__ = ["BASE_URL", "LANGUAGES", "SOURCES", "SPLITS", "is_downloaded", "multi30k"]

BASE_URL = "https://raw.githubusercontent.com/multi30k/dataset/master/data/task1/raw/"
LANGUAGES = ("fr", "de")
SPLITS = {"train": "train", "validation": "val", "test": "test_2016_flickr"}
SOURCES = ("auto", "download", "fallback")
SUMS = """\
9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8  test_2016_flickr.de
611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9  test_2016_flickr.en
6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90  test_2016_flickr.fr
726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6  train.de
d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f  train.en
622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c  train.fr
f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a  val.de
14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28  val.en
ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9  val.fr
"""
SHA256 = {name: digest for digest, name in map(str.split, SUMS.splitlines())}
FOLDER = "multi30k"


def multi30k(
    language: str = "fr",
    split: str = "train",
    source: str = "auto",
    base_url: str | None = None,
    progress: bool = False,
) -> Corpus:
    """Read English captions and their translations into `language` (fr or de).

    `source="auto"` never downloads: it takes what was downloaded before, else the
    French of the language packs or the phrasebook, and the note says so.
    `source="download"` fetches what is missing from `base_url` (else from
    $COURSE_MULTI30K_URL, else from GitHub), about 1.2 MB for the training part.

    Raises ValueError for an unknown choice, MissingDataError if the download fails,
    or if German has no stand-in.
    """
    _check("language", language, LANGUAGES)
    _check("split", split, tuple(SPLITS))
    _check("source", source, SOURCES)
    if source == "fallback" or (
        source == "auto" and not is_downloaded(language, split)
    ):
        return _stand_in(language, split, asked=source == "fallback")
    base_url = base_url or os.environ.get("COURSE_MULTI30K_URL") or BASE_URL
    english, translated = (
        _lines(f"{SPLITS[split]}.{code}", base_url, progress)
        for code in ("en", language)
    )
    pairs = map(Pair, english, translated)
    note = "for non-commercial research and education"
    return Corpus(tuple(pairs), f"Multi30k, {split} part", note)


def is_downloaded(language: str = "fr", split: str = "train") -> bool:
    """Say whether the two files of a part are on this machine."""
    names = (f"{SPLITS[split]}.{code}" for code in ("en", language))
    return all(_path(name).exists() for name in names)


def _path(name: str) -> Path:
    return cache_folder() / FOLDER / f"{name}.gz"


def _check(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name}={value!r} is not one of {', '.join(choices)}")


def _lines(name: str, base_url: str, progress: bool) -> list[str]:
    url = f"{base_url.rstrip('/')}/{name}.gz"
    folder = cache_folder() / FOLDER
    path = fetch(url, SHA256[name], folder, f"{name}.gz", progress)
    return gzip.decompress(path.read_bytes()).decode("utf-8").rstrip("\n").split("\n")


def _stand_in(language: str, split: str, asked: bool) -> Corpus:
    if language != "fr":
        raise MissingDataError(
            "there is no German without a download; course data get multi30k fetches it"
        )
    corpus = language_pack(language, split)
    if asked:
        return corpus
    note = "Multi30k is not downloaded (course data get multi30k)."
    return Corpus(corpus.pairs, corpus.source, f"{note} {corpus.note}".strip())
