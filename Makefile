# The commands of a working day. All they need is Python 3.11 or newer with its venv module, and make.
# The recipes use only python3, git and coreutils, so that they run on a bare machine.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
LOCKED := --no-deps --no-build-isolation --require-hashes
# All tests use all cores; a choice of them (ARGS) runs in one process, where a debugger works.
PYTEST := $(BIN)/python -m pytest $(or $(ARGS),-n auto)

.DEFAULT_GOAL := help
.PHONY: help setup test check format lint types imports demo up clean

help: ## Show this list
	@$(PYTHON) -c "import re; \
	[print('  make %-8s %s' % line) for line in re.findall('(?m)^([a-z]+):.*?## (.*)', open('Makefile').read())]"

test: setup ## Run the tests (ARGS='-k feeds' to choose)
	@$(PYTEST)

check: setup format lint types imports ## Everything that must be right before a commit: style, types, imports, tests
	@$(PYTEST)

format: setup
	@$(BIN)/ruff format --check

lint: setup
	@$(BIN)/ruff check

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports --no-logo

demo: setup ## Run an invented newsroom from article to inbox (SERVE=1 leaves it up)
	@$(BIN)/publisher demo $(if $(SERVE),--serve)

up: setup ## Start web, worker and beat on this machine until Ctrl-C
	@$(BIN)/publisher up

clean: ## Remove all that was built or installed here; the newsroom's own folder var stays
	@rm -rf .venv build dist .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

setup: $(READY)

$(READY): requirements.lock requirements-dev.lock requirements-build.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit( \
	'Publisher needs Python 3.11 or newer; $(PYTHON) is %d.%d. Name another: make PYTHON=python3.13' % sys.version_info[:2])"
	@$(PYTHON) -c "import ensurepip, venv" || { \
	echo "$(PYTHON) lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up .venv: about a minute, once"
	@$(PYTHON) -m venv .venv
	@$(PIP) install $(LOCKED) -r requirements-build.lock
	@$(PIP) install $(LOCKED) -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@touch $(READY)
