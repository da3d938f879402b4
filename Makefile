# Every target sets up what it needs: a virtual environment in .venv, renewed when pyproject.toml changes.
# Another Python, beside it: make test PYTHON=python3.13 VENV=.venv-3.13
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST  = $(BIN)/python -m pytest
SPHINX  = $(BIN)/python -m sphinx -E -W --keep-going --quiet -d $(VENV)/.doctrees

.PHONY: help demo lab test campaign bench pictures pair notebooks docs linkcheck lint format typecheck check clean
.DELETE_ON_ERROR:

help:            ## this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 16

$(VENV)/.made:
	@command -v $(PYTHON) > /dev/null || { echo "There is no $(PYTHON) here; name a Python 3.11 or newer: make PYTHON=…"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "neurograph needs Python 3.11 or newer, and $(PYTHON) is %d.%d; name one: make PYTHON=python3.13" % sys.version_info[:2])'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@touch $@

$(VENV)/.installed: pyproject.toml | $(VENV)/.made
	@echo "Installing neurograph …"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(PIP) install --group test
	@touch $@

$(VENV)/.lint: pyproject.toml | $(VENV)/.installed
	@echo "Installing ruff and mypy …"
	@$(PIP) install --group lint
	@touch $@

$(VENV)/.lab: pyproject.toml | $(VENV)/.installed
	@echo "Installing JupyterLab …"
	@$(PIP) install --group notebooks
	@touch $@

demo: $(VENV)/.installed       ## the main job, shown in a minute
	@$(BIN)/neurograph demo

lab: $(VENV)/.lab              ## the notebooks, in JupyterLab
	@$(BIN)/python -m jupyterlab --ServerApp.root_dir=notebooks $(ARGS)

test: $(VENV)/.test            ## the everyday tests
	$(PYTEST) -n auto --dist loadgroup -m "not campaign" $(ARGS)

campaign: $(VENV)/.test        ## the long tests, too
	$(PYTEST) -n auto --dist loadgroup $(ARGS)

bench:                         ## measure beside other libraries and C, about 12 minutes; writes benchmarks/RESULTS.md
	@$(MAKE) --no-print-directory VENV=.venv-bench .venv-bench/.bench benchmarks/.peers/.made
	@env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE .venv-bench/bin/python benchmarks/run.py $(ARGS)

$(VENV)/.bench: pyproject.toml | $(VENV)/.installed
	@echo "Installing the libraries to measure beside …"
	@$(PIP) install --group bench
	@$(PIP) install --group bench-jax || echo "connex cannot be installed here; the report will say so"
	@touch $@

benchmarks/.peers/.made: benchmarks/peers/package.json
	@mkdir -p $(@D) && cp $< $(@D)
	@cd $(@D) && npm install --no-audit --no-fund --silent || echo "npm cannot install synaptic and neataptic here; the report will say so"
	@touch $@

pictures: $(VENV)/.test        ## draw the pictures of README and how-to pages anew, with Chromium
	$(BIN)/python docs/pictures/make.py

pair: $(VENV)/.lab             ## write each notebook from its source, notebooks/*.py
	@$(BIN)/python docs/tools/notebooks.py pair $(ARGS)

notebooks: $(VENV)/.lab        ## execute the notebooks and write them as pages, docs/notebooks/*.html
	@$(BIN)/python docs/tools/notebooks.py pages $(ARGS)

docs: $(VENV)/.test notebooks  ## the documentation, docs/site/index.html
	@rm -rf docs/site
	$(SPHINX) -b html docs docs/site

linkcheck: $(VENV)/.test       ## ask every address that the documentation names; needs the network
	$(SPHINX) -b linkcheck docs $(VENV)/.linkcheck

lint: $(VENV)/.lint            ## ruff: rules and layout
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.lint          ## ruff: mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

typecheck: $(VENV)/.lint       ## mypy, strict
	$(BIN)/mypy

check: lint typecheck test     ## all that must be green before a commit

clean:           ## remove the environments and what tools leave behind
	rm -rf $(VENV) .venv-* benchmarks/.peers docs/notebooks docs/site build dist
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis
