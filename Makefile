# `make` alone lists what can be made. ARGS goes to the program: make up ARGS="--port 9000"
PYTHON ?= python3
ARGS ?=
BUILD_ARGS ?=
COMPOSE ?= $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)
READY := .venv/.ready
LOCKED := uv.lock pyproject.toml $(wildcard deploy/setup/*.py)

.DEFAULT_GOAL := help
.PHONY: help up team test lint format bench faults env clean

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: $(READY)-run ## set everything up and start Minispaces; Ctrl-C stops it
	@exec .venv/bin/minispaces up $(ARGS)

team: ## build our image and start the team installation with Docker Compose
	@$(PYTHON) deploy/setup/team_env.py
	DOCKER_BUILDKIT=1 docker build $(BUILD_ARGS) -f deploy/Dockerfile -t minispaces:latest .
	$(COMPOSE) up -d $(ARGS)

test: $(READY)-test ## run the tests, with whatever parts this machine allows
	@exec .venv/bin/python deploy/setup/run_tests.py $(ARGS)

lint: $(READY)-lint ## check style, types and the walls between the rooms
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@cd deploy/setup && ../../.venv/bin/mypy --config-file ../../pyproject.toml *.py
	@.venv/bin/lint-imports
	@.venv/bin/djlint --lint --quiet platform runner

format: $(READY)-lint ## bring the code into shape
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

faults: $(READY)-test ## break things again and again, and compare what is left with what was promised
	@exec .venv/bin/python deploy/setup/run_tests.py tests/faults --faults -n 0 -q $(ARGS)

bench: $(READY)-test ## measure, and print the table of ratios
	@.venv/bin/python deploy/setup/debian.py benchmarks
	@exec .venv/bin/python -m bench $(ARGS)

env: $(READY)-run ## write deploy/env.example anew from the settings classes
	@.venv/bin/python deploy/setup/env_example.py

clean: ## remove what set-up and tests made; data/ stays
	rm -rf .venv .cache .pytest_cache .mypy_cache .ruff_cache .import_linter_cache tests/.artifacts

# One stamp per set of packages: a second `make up` starts no set-up at all.
$(READY)-run: PACKAGES =
$(READY)-test: PACKAGES = test
$(READY)-lint: PACKAGES = lint
$(READY)-%: $(LOCKED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Minispaces needs Python 3.11 or newer; name one that is not python3: make PYTHON=python3.12 ...'; exit 1; }
	@env -u PYTHONSAFEPATH $(PYTHON) deploy/setup/sync.py $(PACKAGES)
	@touch $@
