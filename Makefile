# Every target sets up what it needs in .venv by itself; `make help` lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-matrix lint bench bench-replay clean

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## install dmsim and its tools into .venv

$(STAMP): pyproject.toml constraints.txt tests/oracles.txt
	@test -n "$(PYTHON)" || { echo "No Python found; install Python 3.11 or newer"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "$(PYTHON) is older than 3.11; run make PYTHON=python3.X"; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/oracles.txt
	@touch $@

demo: $(STAMP) ## simulate, replay and judge the quickstart scenario
	$(BIN)/dmsim demo

test: $(STAMP) ## run the tests
	$(BIN)/pytest -n 3

test-matrix: $(STAMP) ## replay against a real Matrix server, installed into .synapse
	$(BIN)/python tests/matrix/synapse.py install .synapse
	DMSIM_SYNAPSE=.synapse $(BIN)/pytest -n 0 tests/matrix

lint: $(STAMP) ## check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(STAMP) ## run the benchmarks, one after the other
	@set -e; for file in benchmarks/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

bench-replay: $(STAMP) ## what the replay costs, and whether its figures are true
	$(BIN)/python benchmarks/bench_replay.py

clean: ## remove .venv, caches and builds; reports/ stays
	rm -rf .venv .synapse .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find src tests benchmarks locustfiles -name __pycache__ -type d -prune -exec rm -rf {} +
