# peerscope: `make run` does the main job, `make test` runs the tests. Everything else is optional.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
WORKERS ?= 2
export PYTHONPATH :=

.PHONY: run test check ui bench golden docs quarto lint types imports clean help dev

run: $(VENV)/.runtime ## build the environment, materialise what is stale, render the reports
	@$(BIN)/peerscope run

test: dev ## run all tests
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: lint types imports test ## lint, types, import rules, tests

ui: $(VENV)/.runtime ## open the Dagster UI on 127.0.0.1:3000
	@$(BIN)/peerscope ui

bench: dev ## measure; results are printed and written to benchmarks/RESULTS.md
	@$(BIN)/python benchmarks/run.py
	@$(BIN)/python benchmarks/size.py
	@$(BIN)/python benchmarks/staleness.py

golden: dev ## print our answers beside those of independent software
	@$(BIN)/python tests/golden/comparison.py

docs: dev ## write docs/data-dictionary.md anew from the schemas
	@$(BIN)/python docs/make_data_dictionary.py

lint: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: dev
	@$(BIN)/mypy

imports: dev
	@$(BIN)/lint-imports

quarto: $(VENV)/.runtime ## install the pinned Quarto CLI into the environment, where its host can be reached
	@$(VENV)/.uv/bin/uv pip install -q --python $(BIN)/python quarto-cli==1.7.32 || { echo "Quarto could not be installed: its package downloads from a host that is not reached from here. Reports are rendered by pandoc and typst all the same. See https://quarto.org for other ways to install it."; exit 1; }
	@$(BIN)/peerscope doctor

dev: $(VENV)/.dev

# The environment holds exactly what the lock lists, checked by hash. uv is fetched once by pip and makes it.
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.uv
	@test -f $(VENV)/.dev || $(VENV)/.uv/bin/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(MAKE) -s install
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/.uv
	@$(VENV)/.uv/bin/uv pip sync -q --python $(BIN)/python --require-hashes --compile-bytecode requirements-dev.lock
	@$(MAKE) -s install
	@touch $@ $(VENV)/.runtime

.PHONY: install
install:
	@$(VENV)/.uv/bin/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q pipeline schemas

$(VENV)/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "peerscope needs Python 3.11 or later: make run PYTHON=/path/to/python3"; exit 2; }
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || { echo "pip is missing. On Debian: apt install python3-pip"; exit 2; }
	@echo "Making the environment in $(VENV) (once; a minute or two)"
	@$(PYTHON) -m pip install -q --disable-pip-version-check --root-user-action=ignore --target .venv-uv uv==$(UV_VERSION)
	@.venv-uv/bin/uv venv -q --allow-existing --python $(PYTHON) $(VENV)
	@mv .venv-uv $@

clean: ## remove everything that was built (not the environment)
	rm -rf outputs/restricted outputs/release outputs/reports outputs/manifest outputs/dagster outputs/run.json

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort
