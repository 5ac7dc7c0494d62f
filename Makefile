# Needs python3 (3.11+ with venv), git, make and coreutils; everything else it sets up itself.
# Recipes use no other program: on a bare machine there is no sed, awk, curl or node.
PYTHON ?= python3
BIN := .venv/bin
# Compiled modules halve the time of a start, whatever the caller prefers.
# The house rules that no linter knows, generated files, migrations beside tables.
HOUSE_TESTS := tests/test_tidy.py tests/test_contracts.py tests/test_lifecycles.py tests/test_openapi.py tests/test_docs.py tests/test_migrations.py
RUN := PYTHONDONTWRITEBYTECODE= PYTHONPATH=. $(BIN)/python

.DEFAULT_GOAL := help
.PHONY: generate help up dev test check bench bench-rooms bench-trace bench-orders crash-orders lock web wheel clean setup format screenshots

help: ## what can be made
	@$(PYTHON) tools/make_help.py $(MAKEFILE_LIST)

.venv/ready: requirements-bootstrap.lock requirements-dev.lock
	@$(PYTHON) tools/need_python.py
	@test -x $(BIN)/python || { echo "Making a Python environment in .venv, once ..."; $(PYTHON) -m venv .venv; }
	@echo "Installing Python packages, when the lock file changed ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock
	@touch $@

setup: .venv/ready ## the virtual environment

up: web ## everything, with the demo's fair: PORT=8090 for another port, PUBLIC=1 for other devices
	@$(RUN) -m tiantou up --demo $(if $(PORT),--port $(PORT)) $(if $(PUBLIC),--public)

dev: web ## everything, restarting what changes
	@$(RUN) -m tiantou up --demo --dev $(if $(PORT),--port $(PORT))

web: .venv/ready ## the web files, if their sources changed
	@$(RUN) -m tools.build_web

check: .venv/ready ## linters, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-cache
	@$(RUN) -m pytest -q $(HOUSE_TESTS)
	@$(RUN) -m tools.check_web

test: web ## the tests
	@$(RUN) -m tools.test_needs
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

bench: .venv/ready ## the benchmarks, each with its peer or ceiling
	@$(RUN) -m tools.run_benches

wheel: web ## the wheel, with the web files inside, in dist/
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist

bench-rooms: .venv/ready ## fan-out in one room: frames per core beside raw C and FastAPI
	@PYTHONPATH=. $(BIN)/python -m bench.rooms.run

bench-trace: .venv/ready ## traces, passports' data, recalls: LINES=1000000 order lines from SEED
	@PYTHONPATH=. $(BIN)/python -m bench.trace.run

bench-orders: .venv/ready ## orders: one hot offer over HTTP beside a bare POST, in the process beside the ceiling
	@PYTHONPATH=. $(BIN)/python -m bench.orders.run

crash-orders: .venv/ready ## kill -9 of the API and PostgreSQL under load: what was acknowledged is stored, once
	@PYTHONPATH=. $(BIN)/python -m bench.orders.crash

generate: .venv/ready ## what is made of the code: the API's types, pages of lifecycles, settings, problems
	@$(RUN) -m tools.openapi
	@$(RUN) -m tools.lifecycle_docs
	@$(RUN) -m tools.settings_docs
	@$(RUN) -m tools.problem_docs

screenshots: .venv/ready ## every page of a running demo as pictures: HOME_OF=var URL=http://localhost:8080 TO=build/screenshots
	@$(RUN) -m tools.screenshots $(if $(HOME_OF),--home $(HOME_OF)) $(if $(URL),--url $(URL)) $(if $(TO),--to $(TO))

format: .venv/ready ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: .venv/ready ## resolve the lock files anew
	@for name in requirements-bootstrap requirements requirements-dev; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $$name.in -o $$name.lock; done

clean: ## remove what was built; data in var/ and .venv stay
	@rm -rf build dist tiantou/web web/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
