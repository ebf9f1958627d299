# The whole interface of the project. `make` alone lists the targets. (Kept to what
# GNU Make 3.81 knows, the one that comes with macOS.)
#
#   PYTHON=python3.12   the Python to make the environment with (default: found)
#   TORCH_INDEX=URL     take PyTorch from here: on Linux a plain install may bring
#                       several GB of CUDA libraries. For the CPU wheels' address see
#                       pytorch.org, Get Started.
#   ARGS="..."          passed on: make lab ARGS="02 --no-browser"
#   BROWSER_TESTS=no    make test without the browser tests (no Chromium needed)

SHELL := bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV ?= .venv
PY := $(VENV)/bin/python
TORCH_INDEX ?=
ARGS ?=
BROWSER_TESTS ?= yes
CHROMIUM := $(shell for name in chromium chromium-browser google-chrome \
    google-chrome-stable; do command -v $$name && break; done)

# What is installed is known by its inputs and its place: change or move them, and the
# next command brings the environment up to date.
KEY := $(shell { pwd; cat pyproject.toml constraints.txt; } | cksum | cut -d' ' -f1)
LAB_STAMP := $(VENV)/.installed-lab-$(KEY)
TEST_STAMP := $(VENV)/.installed-all-$(KEY)

# The learners' edition (course build --learner) has no tests, and no targets for them.
AUTHORS := $(wildcard tests)

# An environment whose Python is gone is made anew.
$(shell if [ -e "$(VENV)/bin/activate" ] && ! "$(PY)" -c '' 2>/dev/null; then \
    rm -f "$(VENV)/bin/activate" "$(VENV)"/.installed-*; fi)

help:
	@echo "make lab        open the course in JupyterLab (installs it the first time)"
ifneq ($(AUTHORS),)
	@echo "make test       run every test: style, units, browser, notebooks (about 20 min)"
	@echo "make test-full  the same, with exhaustive sampling"
	@echo "make lint       check the style only"
	@echo "make build      rewrite and execute the notebooks (for authors)"
	@echo "make bench      measure the speed of the blocks on this machine"
endif
	@echo "make clean      remove the environment and all caches; notebooks stay"

# --- the environment ---------------------------------------------------------------

# Prints the first Python from 3.11 up that can make an environment.
define find_python
usable='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; \
for p in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python); do \
    if "$$p" -c "$$usable" 2>/dev/null; then found=$$p; break; fi; \
done
endef

define no_python
No usable Python 3.11 or newer was found (looked at: \
$(or $(PYTHON),python3 and python3.11 to 3.14)). \
Install one from python.org (Debian, Ubuntu: also its package python3-venv), \
or name it: make lab PYTHON=/path/to/python3
endef

define no_venv
The environment $(VENV) could not be made: the lines above say why. Usual reasons: a \
full disk, no permission to write in this folder. Mend it and try again.
endef

define no_install
Installing failed: the lines above say why, $(VENV)/install.log says all. Usual \
reasons: no network, a full disk, a proxy that pip does not know. Mend it and type the \
same command again: it goes on where it stopped.
endef

define cuda_note
Note: on Linux a plain PyTorch may bring CUDA libraries of several GB. Without an \
NVIDIA GPU, stop here (Ctrl-C) and type: make lab TORCH_INDEX=ADDRESS, with the \
address of the CPU wheels that pytorch.org, Get Started, shows.
endef

PIP := $(PY) -m pip --disable-pip-version-check install -c constraints.txt
LOG := $(VENV)/install.log

# One line a package on the screen, everything in the log.
define pip_install
{ set -o pipefail; $(PIP) $(1) 2>&1 | tee -a "$(LOG)" \
    | awk '/^Collecting|^Installing collected/ { print "    " $$1, $$2; fflush() }'; } \
    || { tail -n 15 "$(LOG)" >&2; echo "$(no_install)" >&2; exit 1; }
endef

define install
	@echo "==> Installing $(1) into $(VENV) (a few minutes the first time)"
	@if [ -n "$(TORCH_INDEX)" ]; then \
	    $(call pip_install,--extra-index-url "$(TORCH_INDEX)" torch); \
	elif [ "$$(uname -s)" = Linux ] && ! $(PY) -c 'import torch' 2>/dev/null; then \
	    echo "$(cuda_note)"; \
	fi
	@$(call pip_install,-e ".[$(2)]")
endef

$(VENV)/bin/activate:
	@found=; $(find_python); \
	if [ -z "$$found" ]; then echo "$(no_python)" >&2; exit 1; fi; \
	echo "==> Making the environment $(VENV) with $$("$$found" --version)," \
	    "$$(command -v "$$found")"; \
	"$$found" -m venv --clear "$(VENV)" || { echo "$(no_venv)" >&2; exit 1; }

$(LAB_STAMP): | $(VENV)/bin/activate
	$(call install,the course and its data,data)
	@rm -f "$(VENV)"/.installed-*; touch "$@"

$(TEST_STAMP): | $(VENV)/bin/activate
	$(call install,the course with all extras and test tools,data$(,)export$(,)grading$(,)hf$(,)nbgrader$(,)test)
	@rm -f "$(VENV)"/.installed-*; touch "$@" "$(LAB_STAMP)"

, := ,

# --- targets -----------------------------------------------------------------------

lab: $(LAB_STAMP)
	@$(PY) -m course_utils lab $(ARGS)

ifneq ($(AUTHORS),)

lint: $(TEST_STAMP)
	@echo "==> Style"
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .

# One thread a test: results do not depend on the machine's number of cores.
test test-full: export OMP_NUM_THREADS := 1
test: SLOW := and not slow
test-full: SLOW :=

# STRICT_SKIPS=1 (set by .ci/run) turns a skip without a listed reason into a failure.
PYTEST := $(PY) -m pytest $(if $(STRICT_SKIPS),-p tests.strict_skips)
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=180 \
    --nbval-kernel-startup-timeout=120 --timeout=600 -n 2 --dist loadscope
NOTEBOOKS := $(wildcard notebooks/*.ipynb solutions/*.ipynb exercises/*.ipynb)
# Executing the exercises here is nobody's progress.
NBVAL_ROOT := $(CURDIR)/test-results/nbval

define no_browser
The browser tests need Chromium and none was found. Debian, Ubuntu: sudo apt-get \
install chromium. macOS: brew install --cask chromium. To leave these tests out: \
make test BROWSER_TESTS=no
endef

test test-full: $(TEST_STAMP)
	@if [ "$(BROWSER_TESTS)" = yes ] && [ -z "$(CHROMIUM)" ]; then \
	    echo "$(no_browser)" >&2; exit 1; fi
	@$(MAKE) --no-print-directory lint
	@echo "==> Unit tests"
	@$(PYTEST) -n 2 -m "not browser $(SLOW)" --cov --cov-report=
ifeq ($(BROWSER_TESTS),yes)
	@echo "==> Browser tests, with $(CHROMIUM)"
	@$(PYTEST) -m "browser $(SLOW)" --cov --cov-append --cov-report=
else
	@echo "==> Browser tests left out, as asked"
endif
	@echo "==> Notebooks: $(words $(NOTEBOOKS))"
	@mkdir -p "$(NBVAL_ROOT)"
	@$(if $(NOTEBOOKS),COURSE_ROOT="$(NBVAL_ROOT)" $(PYTEST) $(NBVAL) $(NOTEBOOKS),true)
	@echo "==> Coverage of course_utils by the tests"
	@$(PY) -m coverage report --fail-under=95

build: $(TEST_STAMP)
	@$(PY) -m course_utils build $(ARGS)

bench: $(TEST_STAMP)
	@$(PY) -m course_utils bench $(ARGS)

else

define no_tests
This is the edition for learners: here is nothing to test, build or benchmark. \
course check LESSON looks at your answers, course run executes the lessons.
endef

test test-full lint build bench:
	@echo "$(no_tests)" >&2; exit 1

endif

clean:
	@rm -rf "$(VENV)" build dist *.egg-info .pytest_cache .ruff_cache .hypothesis \
	    .coverage .coverage.* test-results
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@echo "Removed the environment and all caches; notebooks and weights stay."

.PHONY: help lab lint test test-full build bench clean
