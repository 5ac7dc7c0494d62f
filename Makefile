# Needs python3 (3.11+ with venv), git and make; everything else it sets up itself.
PYTHON ?= python3
BIN := .venv/bin
NODE := $(abspath .venv)/node

.DEFAULT_GOAL := help
.PHONY: help up dev test check bench bench-rooms lock web clean setup format

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

.venv/ready: requirements-bootstrap.lock requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	@touch $@

setup: .venv/ready ## the virtual environment

check: .venv/ready ## linters, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache

test: .venv/ready ## the tests
	$(BIN)/python -m pytest

bench-rooms: .venv/ready ## fan-out in one room: frames per core beside raw C and FastAPI
	@PYTHONPATH=. $(BIN)/python -m bench.rooms.run

format: .venv/ready ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready ## resolve the lock files anew
	@for name in requirements-bootstrap requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $$name.in -o $$name.lock; done
