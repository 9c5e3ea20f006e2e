# Thin: everything runs in .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: datasets test lint bench lock

datasets: $(READY)
	dvc repro
	python -m builders funnel

test: lint
	python -m pytest

lint: $(READY)
	ruff format --check .
	ruff check .
	mypy

bench: $(READY)
	python -m benchmarks.build

# New pins, with hashes and without any address.
lock: $(READY)
	python -m pip install --quiet uv
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(READY)
