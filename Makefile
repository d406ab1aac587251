# Everything runs in .venv, made in two stages: what the library and its command line need
# (constraints-run.txt, enough for the demo), then what tests and checks need (constraints.txt).
# A bare Linux machine needs Python 3.11 or later (with venv) and make.

SHELL := /bin/bash
VENV  := .venv
BIN   := $(VENV)/bin
RUNS  := $(VENV)/.runs
READY := $(VENV)/.ready
PLUGINS := $(wildcard plugins/*/pyproject.toml)
# Only errors are shown: pip warns once a package of every configured location that has no such package.
INSTALL := $(BIN)/python -m pip install --quiet --quiet

# The first interpreter that is new enough and can make environments.
PYTHON ?= $(shell for candidate in python3.11 python3.12 python3.13 python3.14 python3; do \
  $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
  && echo $$candidate && break; done)

# The wheel of pyright brings its own copy; it shall not ask the network for a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# The tests start many processes; without compiled files each of them takes twice as long to begin.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast test-deep check docs bench lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

$(RUNS): pyproject.toml constraints-run.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later with the venv module was found." \
	  "Install one (Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "Preparing $(VENV): the library and its command line."
	@"$(PYTHON)" -m venv $(VENV)
	@$(INSTALL) --require-hashes --no-deps -r constraints-run.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(READY): $(RUNS) constraints.txt $(PLUGINS)
	@echo "Preparing $(VENV): the tools for tests and checks, and the plugins."
	@$(INSTALL) --require-hashes --no-deps -r constraints.txt
	@$(INSTALL) --no-deps --no-build-isolation $(PLUGINS:%/pyproject.toml=-e ./%)
	@$(BIN)/python -m pip check
	@touch $@

demo: $(RUNS) ## a project's way through a lifecycle, with every refusal explained
	$(BIN)/salesflow demo

$(VENV)/node_modules: $(READY) # the parser of Mermaid, for its test; it needs npm
	npm install --silent --no-save --prefix $(VENV) mermaid@11 jsdom@26

# Temporary files of tests are in memory where 2 GB of it are free: a third of the time is else waiting for the disk.
MEMORY = $(shell test -w /dev/shm && df -Pk /dev/shm | awk 'END { if ($$4 >= 2097152) print "TMPDIR=/dev/shm" }')
PYTEST = $(MEMORY) $(BIN)/pytest -n 2 --dist worksteal

test: $(READY) ## every test, with branch coverage of all of src/
	$(PYTEST) --cov

test-fast: $(READY) ## the tests for daily work, in a minute: no plugins, no coverage, nothing that takes long
	$(PYTEST) -m "not slow and not long and not deep" --hypothesis-profile=daily tests

test-deep: $(READY) ## every test, also those marked deep, with many more and fresh generated examples
	$(PYTEST) -m "" --hypothesis-profile=deep

check: $(READY) ## lint, format, types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict src tests/typing $(PLUGINS:%/pyproject.toml=%/src)
	$(BIN)/pyright src tests/typing $(PLUGINS:%/pyproject.toml=%/src)
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH=src pyright --verifytypes salesflow --ignoreexternal

docs: $(READY) ## write the parts of docs/ that are read off the code
	$(BIN)/python -m tests.surface.generated

bench: $(READY) ## ratios against peers, measured side by side
	@$(INSTALL) --no-deps -r bench/constraints.txt
	$(BIN)/python bench/run.py

LOCK := $(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
  --no-header --no-annotate --strip-extras --no-emit-index-url --no-emit-find-links --upgrade pyproject.toml

lock: ## choose new versions for all constraints files
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or later with the venv module was found." >&2; exit 1; }
	"$(PYTHON)" -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --quiet uv
	UV_SYSTEM_CERTS=1 $(LOCK) --extra dev --generate-hashes --output-file constraints.txt
	printf 'editables\nhatchling\n' | UV_SYSTEM_CERTS=1 $(LOCK) - --extra cli --constraint constraints.txt \
	  --generate-hashes --output-file constraints-run.txt
	UV_SYSTEM_CERTS=1 $(LOCK) --extra bench --constraint constraints.txt --output-file bench/constraints.txt
	rm -rf $(VENV)-lock

clean: ## remove what the targets made
	rm -rf $(VENV) $(VENV)-lock .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
