# Everything a contributor runs. `make help` lists it; nothing is needed by hand beyond Python 3.11+ and Rust.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PYTHON ?= $(shell scripts/find-python)
VENV := .venv
BIN := $(VENV)/bin
FUZZ_SECONDS ?= 60
# How many processes share the tests in Python: `make test WORKERS=0` runs one after the other, in one.
WORKERS ?= auto
TOGETHER = --numprocesses=$(WORKERS) --maxprocesses=8 --dist=worksteal

# The build uses the toolchain of this machine: nothing fetches another Rust or another Python.
export MATURIN_NO_INSTALL_RUST := 1
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYO3_PYTHON := $(CURDIR)/$(BIN)/python

# The parsers are named in a list, which is a macro: cargo fmt does not look behind it.
LISTED := $(shell find crates/oddwire-core/src/proto -mindepth 2 -name '*.rs')

CORE := python/oddwire/_oddwire.abi3.so
RUST := Cargo.toml Cargo.lock $(shell find crates -name '*.rs' -o -name Cargo.toml)

.PHONY: help
help: ## Say what there is to run
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.PHONY: setup
setup: $(CORE) ## Make .venv, install what is needed, build the core

.PHONY: demo
demo: $(CORE) ## Make a small capture, print its summary, write out/demo
	$(BIN)/oddwire demo --out out/demo

.PHONY: test
test: lint test-rust test-python ## Every check a change must pass (minutes)

.PHONY: test-rust
test-rust:
	cargo test --workspace --exclude oddwire-py --quiet

# Two threads a process: enough for an answer that hangs on threads to show, and no crowd on many cores.
.PHONY: test-python
test-python test-all: export POLARS_MAX_THREADS := 2
test-python: $(CORE)
	$(BIN)/python -m pytest -q $(TOGETHER) --cov --cov-report=term

.PHONY: test-all
test-all: $(CORE) ## The heavy suites: conformance, mutations, fuzz smoke, bare install
	$(BIN)/python -m pytest tests/heavy -m "not shared" --durations=5
	$(BIN)/python -m pytest tests/heavy -m shared $(TOGETHER) --durations=5

.PHONY: test-long
test-long: $(CORE) ## The long suites (an hour and more)
	$(BIN)/python -m pytest tests/long -m long --durations=5

.PHONY: bench
bench: $(CORE) ## Speed and memory beside the peers; keeps the last table
	$(BIN)/python -m benchmarks

.PHONY: lint
lint: $(CORE) ## Format, lint, types, floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	cargo fmt --all --check
	@rustfmt --edition 2024 --check $(LISTED)
	cargo clippy --workspace --all-targets --quiet -- -D warnings

.PHONY: format
format: $(VENV)/.installed ## Put every file in its form
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	cargo fmt --all
	@rustfmt --edition 2024 $(LISTED)

.PHONY: fuzz
fuzz: ## FUZZ_SECONDS for every fuzz target, one after the other
	scripts/fuzz $(FUZZ_SECONDS)

.PHONY: changelog
changelog: $(VENV)/.installed ## Show what changelog.d would become
	$(BIN)/towncrier build --draft

.PHONY: constraints
constraints: $(VENV)/.uv ## Pin anew what the checks run with
	sed -i '/^[^#]/d' constraints.txt
	$(BIN)/python -m pip show uv | sed -n 's/^Version: /uv==/p' >> constraints.txt
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-header --no-annotate \
		--no-emit-package oddwire --all-extras --group dev pyproject.toml >> constraints.txt

.PHONY: clean
clean: ## Remove what was built and installed
	rm -rf $(VENV) target fuzz/target out build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage python/oddwire/_oddwire*.so
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The build chain: a stamp a step, so that nothing is done twice.
$(VENV)/.uv: constraints.txt
	scripts/check-tools "$(PYTHON)"
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv
	touch $@

$(VENV)/.installed: $(VENV)/.uv pyproject.toml
	$(BIN)/uv pip install --quiet --compile-bytecode --constraint constraints.txt --requirement pyproject.toml --group dev
	touch $@

$(CORE): $(VENV)/.installed $(RUST)
	$(BIN)/maturin develop --release --uv --quiet
	touch $@
