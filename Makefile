# demo   the main job, on a sample organisation        test   everything, with the real parts
# check  the quick part of it, under a minute          serve  the service on this machine
# bench  the figures                                   catalogues  texts for every language
.PHONY: demo test check serve bench catalogues lock clean lint
.DELETE_ON_ERROR:

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Keeps Chromium's and pip's own talk out of a run without a terminal.
export PIP_NO_INPUT = 1
# Each file's tests in one process, in the order of tests/conftest.py: the longest files first.
SPREAD := -n 2 --dist loadfile --no-loadscope-reorder

demo: .venv/runtime
	@$(BIN)/addin-service demo

serve: .venv/runtime
	@$(BIN)/addin-service serve

test: .venv/dev lint
	@$(BIN)/coverage erase
	.ci/twice $(BIN)/python -m pytest $(SPREAD) -m "not thunderbird" --cov --cov-append --cov-report=
	@$(BIN)/coverage report --fail-under=90
	.ci/twice $(BIN)/python -m pytest -m thunderbird -n 3 --dist loadfile

check: .venv/dev lint
	$(BIN)/python -m pytest $(SPREAD) -q -m "not thunderbird and not browser and not postgresql and not slow"

lint: .venv/dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache >/dev/null || $(BIN)/lint-imports --no-cache

bench: .venv/dev
	@$(BIN)/python benchmarks/speed.py
	@$(BIN)/python benchmarks/check_endpoint.py --contacts 1000000
	@$(BIN)/python benchmarks/department.py
	@$(BIN)/python benchmarks/sealing.py
	@$(BIN)/python benchmarks/thunderbird_send.py --sealed --large 5

# Brings the service's catalogues up to what the code says, and compiles them: docs/languages.md.
catalogues: .venv/dev
	@$(BIN)/python -m tests.languages.catalogues

# New pins with hashes from pyproject.toml and the *.in files.
lock: .venv/dev
	@for input in pyproject.toml:requirements.txt requirements-build.in:requirements-build.txt \
	    requirements-dev.in:requirements-dev.txt; do \
	    $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url \
	        --no-emit-trusted-host --no-emit-find-links --no-header --strip-extras \
	        --output-file "$${input#*:}" "$${input%:*}"; \
	done
	@$(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --no-emit-index-url --extra server \
	    --no-emit-trusted-host --no-emit-find-links --no-header --strip-extras \
	    --output-file requirements-server.txt --constraint requirements.txt pyproject.toml

.venv/runtime: requirements.txt requirements-build.txt pyproject.toml
	@bash .ci/prepare demo
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up Python packages in .venv"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-build.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: .venv/runtime requirements-dev.txt
	@bash .ci/prepare test
	@echo "Setting up the tools of development in .venv"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf .venv build dist .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
