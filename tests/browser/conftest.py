"""A real JupyterLab on this machine, and the system's Chromium to drive it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = {
    "apputils-extension/notification": '{"fetchNews": "false"}',
    # All cells in the page at once: a test looks at outputs far below the window.
    "notebook-extension/tracker": '{"windowingMode": "none"}',
}


def find_browser():
    """Return the path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium or Chrome is installed")
    flags = ["--disable-dev-shm-usage"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium refuses to sandbox itself for root
    return {**browser_type_launch_args, "executable_path": path, "args": flags}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def own_environment(root):
    """Keep the learner's own Jupyter settings, kernels and history out of the test."""
    for name, text in QUIET.items():
        path = root / ".settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    folders = {
        "JUPYTER_CONFIG_DIR": ".config",
        "JUPYTER_DATA_DIR": ".data",
        "JUPYTER_RUNTIME_DIR": ".runtime",
        "JUPYTERLAB_SETTINGS_DIR": ".settings",
        "JUPYTERLAB_WORKSPACES_DIR": ".workspaces",
        "IPYTHONDIR": ".ipython",
        "COURSE_ROOT": ".course-of-the-test",
    }
    own = {name: str(root / folder) for name, folder in folders.items()}
    return {**os.environ, **own, "OMP_NUM_THREADS": "1", "JUPYTER_PREFER_ENV_PATH": "1"}


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Return the address and the folder of a running JupyterLab."""
    root = tmp_path_factory.mktemp("lab")
    port, log = free_port(), root / "lab.log"
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": root,
        "IdentityProvider.token": "t",
        "LabApp.expose_app_in_browser": True,
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with log.open("w") as output:
        server = subprocess.Popen(
            command, env=own_environment(root), stdout=output, stderr=output
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/api?token=t", server, log)
        yield f"http://127.0.0.1:{port}", root
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address, server, log, seconds=90):
    """Return once `address` answers; fail with the server's log if it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text()[-3000:]}")
