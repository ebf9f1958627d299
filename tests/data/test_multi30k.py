"""The optional download: checked, kept, replaced aloud, and never without being asked.

The real captions come from $COURSE_TEST_DATA, by default ../shared/data beside the
project, through a server on this machine.
"""

import functools
import gzip
import hashlib
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from course_utils.data import multi30k as module
from course_utils.data.corpus import MissingDataError
from course_utils.data.downloads import Bar, cache_folder, fetch
from course_utils.data.multi30k import is_downloaded, multi30k

PROJECT = Path(__file__).parents[2]
REAL = Path(os.environ.get("COURSE_TEST_DATA") or PROJECT.parent / "shared" / "data")
NOWHERE = "http://127.0.0.1:9/"  # the discard port: nobody answers


class Quiet(SimpleHTTPRequestHandler):
    """A file server that counts its answers and says nothing."""

    def log_message(self, *arguments):
        self.server.asked += 1


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """An empty cache, so that nothing of this machine is read or written."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_MULTI30K_URL", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def serve():
    """Start servers of folders; return their address."""
    servers = []

    def start(folder):
        handler = functools.partial(Quiet, directory=str(folder))
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.asked = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server, f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A part of two captions, with sums that are known."""
    folder = tmp_path / "served"
    folder.mkdir()
    captions = {"en": "A dog.\nTwo cats.\n", "fr": "Un chien.\nDeux chats.\n"}
    for code, text in captions.items():
        path = folder / f"val.{code}.gz"
        path.write_bytes(gzip.compress(text.encode()))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setitem(module.SHA256, f"val.{code}", digest)
    return folder


def download(**arguments):
    return multi30k("fr", "validation", source="download", **arguments)


def test_a_download_is_kept_and_not_asked_for_again(toy, serve):
    server, address = serve(toy)
    corpus = download(base_url=address + "/")
    assert [pair[:2] for pair in corpus] == [
        ("A dog.", "Un chien."),
        ("Two cats.", "Deux chats."),
    ]
    assert corpus.source == "Multi30k, validation part"
    assert server.asked == 2
    assert is_downloaded("fr", "validation")
    assert multi30k("fr", "validation").pairs == corpus.pairs  # auto, offline
    assert download(base_url=NOWHERE).pairs == corpus.pairs
    assert server.asked == 2


def test_a_mirror_is_named_by_the_environment(toy, serve, monkeypatch):
    server, address = serve(toy)
    monkeypatch.setenv("COURSE_MULTI30K_URL", address)
    assert len(download(progress=True)) == 2
    assert server.asked == 2


def test_a_changed_file_is_refused_and_not_kept(toy, serve):
    (toy / "val.fr.gz").write_bytes(gzip.compress(b"Autre chose.\n"))
    _, address = serve(toy)
    with pytest.raises(MissingDataError, match="is not the file that the course knows"):
        download(base_url=address)
    assert not is_downloaded("fr", "validation")


def test_without_a_connection_the_message_says_what_to_do(cache):
    with pytest.raises(MissingDataError) as refused:
        download(base_url=NOWHERE)
    message = str(refused.value)
    assert message.startswith(f"{NOWHERE}val.en.gz could not be fetched (Connection")
    assert "Connect to the internet and try again" in message
    assert str(cache) in message


def test_a_file_that_the_server_lacks_is_named(tmp_path, serve):
    _, address = serve(tmp_path)
    with pytest.raises(
        MissingDataError, match=r"val\.en\.gz could not be fetched \(HTTP"
    ):
        download(base_url=address)


def test_auto_never_downloads(serve, tmp_path, monkeypatch):
    server, address = serve(tmp_path)
    monkeypatch.setenv("COURSE_MULTI30K_URL", address)
    corpus = multi30k("fr", "test")
    assert server.asked == 0
    assert corpus.note.startswith(
        "Multi30k is not downloaded (course data get multi30k)."
    )
    assert "Multi30k" not in corpus.source
    assert multi30k("fr", "test", source="fallback").pairs == corpus.pairs


def test_german_has_no_stand_in():
    with pytest.raises(MissingDataError, match="there is no German without a download"):
        multi30k("de")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"language": "zh"}, "language='zh' is not one of fr, de"),
        ({"split": "dev"}, "split='dev' is not one of train, validation, test"),
        ({"source": "web"}, "source='web' is not one of auto, download, fallback"),
    ],
)
def test_unknown_choices_are_refused(arguments, message):
    with pytest.raises(ValueError, match="is not one of") as refused:
        multi30k(**arguments)
    assert str(refused.value) == message


def test_the_cache_is_the_users_unless_chosen(cache, monkeypatch):
    assert cache_folder() == cache
    monkeypatch.delenv("COURSE_CACHE")
    assert cache_folder().name == "smaller-faster-transformers"


def test_the_bar_counts_bytes():
    bar = Bar("toy")
    bar.total = 10
    bar.update(4)
    assert bar.progress.tasks[0].completed == 4
    bar.reset()
    assert bar.progress.tasks[0].completed == 0
    assert bar.total == 10
    bar.close()


def test_a_file_is_fetched_by_its_sum(toy, serve, tmp_path):
    _, address = serve(toy)
    path = fetch(
        f"{address}/val.en.gz", module.SHA256["val.en"], tmp_path / "here", "x.gz"
    )
    assert path == tmp_path / "here" / "x.gz"


@pytest.mark.skipif(
    not (REAL / "multi30k").is_dir(), reason=f"no captions in {REAL} to serve"
)
@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_real_captions_are_whole(serve, language):
    _, address = serve(REAL / "multi30k")
    sizes = {}
    for split in module.SPLITS:
        corpus = multi30k(language, split, source="download", base_url=address)
        sizes[split] = len(corpus)
        assert all(pair.source and pair.target for pair in corpus)
    assert sizes == {"train": 29_000, "validation": 1_014, "test": 1_000}
