# make demo and make test need Python 3.11-3.13 and a package registry only.

VENV := .venv
# The first of these that is a Python we run on.
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$p && break; done)
# The app that `make demo` runs.
APP ?= sentiment
# XLA optimizes nothing: the code it compiles in these tests runs a few times.
QUICK_COMPILER := --xla_backend_optimization_level=0 \
	--xla_llvm_disable_expensive_passes=true
# Folder of the public data sets for the tests that read them.
DATA_DIR ?=

.PHONY: help demo test test-extended test-slow test-mutations lint format clean

help:
	@echo "make demo            train, evaluate, export and try an app: APP=translation"
	@echo "make test            linters, type checks and tests"
	@echo "make test-extended   further apps, networks and options"
	@echo "make test-slow       the tests that take minutes"
	@echo "make test-mutations  whether the tests notice forty wrong edits"
	@echo "make format          format the code"
	@echo "make clean           remove the environment and caches, keep runs"

demo: $(VENV)/installed
	$(VENV)/bin/python -m apps.$(APP)

PYTEST := XLA_FLAGS="$(QUICK_COMPILER)" $(VENV)/bin/python -m pytest -n auto \
	--maxprocesses=4 --data_dir="$(DATA_DIR)"

test: lint
	$(PYTEST) --plain_graphs

test-extended: $(VENV)/installed-dev
	$(PYTEST) -m "extended and not slow and not gpu"

test-slow: $(VENV)/installed-dev
	$(VENV)/bin/python -m pytest -m slow --data_dir="$(DATA_DIR)"

test-mutations: $(VENV)/installed-dev
	$(VENV)/bin/python -m tests.mutations

lint: $(VENV)/installed-dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

format: $(VENV)/installed-dev
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# Updated only when the requirements change.
$(VENV)/installed: requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: \
	install one, or name it: make PYTHON=/path/of/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	-r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements-dev.txt $(VENV)/installed
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
	-r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
