# Every target sets up what it needs: a virtual environment in .venv, made anew when pyproject.toml changes.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PYTEST  = $(BIN)/python -m pytest

.PHONY: help demo test campaign lint format typecheck check clean

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "neurograph needs Python 3.11 or newer; name one with: make PYTHON=python3.13 …")'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing neurograph …"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --editable . --group test
	@touch $@

$(VENV)/.lint: pyproject.toml | $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --editable . --group lint
	@touch $@

demo: $(VENV)/.installed       ## the main job, shown in a minute
	@$(BIN)/neurograph demo

test: $(VENV)/.test            ## the everyday tests
	$(PYTEST) -n auto -m "not campaign" $(ARGS)

campaign: $(VENV)/.test        ## the long tests, too
	$(PYTEST) -n auto $(ARGS)

lint: $(VENV)/.lint            ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.lint          ## ruff: mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.lint       ## mypy, strict
	$(BIN)/mypy

check: lint typecheck test     ## all that must be green before a commit

clean:           ## remove the environment and what tools leave behind
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
