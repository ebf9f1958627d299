"""JupyterLab's translations: read in place, checked, divided, or replaced aloud."""

import base64
import hashlib
import json
import sys

import pytest

from course_utils.data import language_packs
from course_utils.data.corpus import MissingDataError
from course_utils.data.language_packs import is_installed, language_pack, split_of

CATALOG = {
    "": {"domain": "jupyterlab", "language": "fr-FR"},
    "Close the current tab": ["Fermer l'onglet actuel"],
    "menu\x04Restart the kernel now": ["Redémarrer le noyau maintenant"],
    "Open the file %1 now": ["Ouvrir le fichier %1 maintenant"],
    "The same old text": ["The same old text"],
    "Not yet translated text": [""],
    "One cell was deleted": ["Une cellule supprimée", "Des cellules supprimées"],
    "Help": ["Aide"],
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package that carries CATALOG, as pip would leave it."""
    catalog = tmp_path / "toy_pack" / "LC_MESSAGES" / "jupyterlab.json"
    catalog.parent.mkdir(parents=True)
    catalog.write_text(json.dumps(CATALOG), "utf-8")
    digest = hashlib.sha256(catalog.read_bytes()).digest()
    digest = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    info = tmp_path / "toy_pack-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: toy-pack\nVersion: 1.2\n"
    )
    (info / "RECORD").write_text(
        f"toy_pack/LC_MESSAGES/jupyterlab.json,sha256={digest},1\n"
        "toy_pack-1.2.dist-info/RECORD,,\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(language_packs.PACKS, "fr", "toy-pack")
    return catalog


def everything(**arguments):
    return {
        pair.source: pair.target
        for split in language_packs.SPLITS
        for pair in language_pack("fr", split, "language_pack", **arguments)
    }


def test_plain_sentences_are_read_and_the_package_never_imported(package):
    assert everything() == {
        "Close the current tab": "Fermer l'onglet actuel",
        "Restart the kernel now": "Redémarrer le noyau maintenant",
        "One cell was deleted": "Une cellule supprimée",
    }
    assert "toy_pack" not in sys.modules


def test_the_number_of_words_can_be_chosen(package):
    assert everything(fewest_words=1, most_words=1) == {"Help": "Aide"}


def test_source_and_note_name_the_package(package):
    corpus = language_pack("fr", "train")
    assert corpus.source == "toy-pack 1.2"
    assert corpus.note == ("human translations by the JupyterLab community, train part")


def test_a_changed_file_is_refused(package):
    package.write_text("{}", "utf-8")
    with pytest.raises(MissingDataError, match="but pip recorded") as refused:
        language_pack("fr", "train")
    assert "pip install --force-reinstall" in str(refused.value)


def test_without_the_package_the_phrasebook_stands_in_and_says_so(monkeypatch):
    monkeypatch.setitem(language_packs.PACKS, "fr", "no-such-pack")
    assert not is_installed("fr")
    corpus = language_pack("fr", "test")
    assert corpus.source == "phrasebook"
    assert corpus.note == (
        "no-such-pack is not installed; "
        "pip install 'smaller-faster-transformers[data]' "
        "adds it. The phrasebook stands in for it."
    )
    assert len(corpus) == 300
    assert next(iter(corpus)).phenomena
    with pytest.raises(MissingDataError, match="no-such-pack is not installed; pip in"):
        language_pack("fr", source="language_pack")


def test_the_phrasebook_can_be_asked_for():
    corpus = language_pack("zh", "validation", source="phrasebook")
    assert (corpus.source, corpus.note, len(corpus)) == ("phrasebook", "", 300)


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_the_real_packs_have_sentences_that_splits_divide(language):
    parts = {
        split: language_pack(language, split, "language_pack")
        for split in language_packs.SPLITS
    }
    sources = [pair.source for corpus in parts.values() for pair in corpus]
    assert len(sources) == len(set(sources)) > 1_000
    assert len(parts["train"]) > 4 * len(parts["test"]) > 200
    assert all(split_of(pair.source) == "test" for pair in parts["test"])
    assert len({corpus.fingerprint for corpus in parts.values()}) == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"language": "de"}, "language='de' is not one of fr, zh"),
        ({"split": "dev"}, "split='dev' is not one of train, validation, test"),
        (
            {"source": "web"},
            "source='web' is not one of auto, language_pack, phrasebook",
        ),
    ],
)
def test_unknown_choices_are_refused(arguments, message):
    with pytest.raises(ValueError, match="is not one of") as refused:
        language_pack(**arguments)
    assert str(refused.value) == message
