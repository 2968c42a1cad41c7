# Needs a Python (3.10 or newer) and make. Everything is installed into .venv, once: stamp files
# inside it remember what was done, so that a second call installs nothing and needs no network.
# `make PYTHON=python3.12 test` chooses another Python. To take torch from another index than
# pip's own, set PIP_INDEX_URL or PIP_EXTRA_INDEX_URL.

PYTHON ?= python3
VENV := .venv
SPARSE_VENV := .venv-sparse
WHEELS ?= ../shared/wheels
DEMO_OUT ?= runs/demo
DEMO_ARGS ?= --max-steps 150 --steps-per-epoch 50 --out $(DEMO_OUT) --overwrite
PYTEST_ARGS ?=
# A process for each core, a file of tests to each; PYTEST_ARGS="-n 0" is a single process.
PYTEST := -m pytest -n logical --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

PY := $(VENV)/bin/python
PIP_FLAGS := --quiet --quiet --disable-pip-version-check --no-input --constraint constraints.txt
PIP_INSTALL := $(PY) -m pip install $(PIP_FLAGS)
PACKAGING := setup.py pyproject.toml constraints.txt pyg_skeleton/version.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-sparse lint format docs clean

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
	  while IFS='|' read -r name text; do printf '%-20s %s\n' "  $$name" "$$text"; done

demo: $(VENV)/.demo ## install, train Sym-GNN on an embedded data set (two minutes), draw pictures
	$(PY) -m pyg_skeleton train motion $(DEMO_ARGS)

test: $(VENV)/.dev ## install and run the tests; needs no compiled extra
	$(PY) $(PYTEST)

test-sparse: $(SPARSE_VENV)/.sparse ## the tests that need torch-scatter and torch-sparse
	$(SPARSE_VENV)/bin/python $(PYTEST) -m sparse

lint: $(VENV)/.dev ## ruff and mypy
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: $(VENV)/.dev ## let ruff rewrite what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

docs: $(VENV)/.dev ## build the documentation into docs/_build/html
	$(PY) -m sphinx -W --keep-going -q -b html docs docs/_build/html
	$(PY) docs/check_links.py docs/_build/html
	@echo "docs/_build/html/index.html"

clean: ## remove what the other targets made, but keep runs/
	rm -rf $(VENV) $(SPARSE_VENV) build dist *.egg-info docs/_build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and \
	  "pyg_skeleton needs Python 3.10 or newer, $(PYTHON) is %d.%d" % sys.version_info[:2])'
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "$(PYTHON) cannot make virtual environments: install its venv package" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# Alone and first: with torch there, nothing that asks for "torch" chooses another one.
$(VENV)/.torch: constraints.txt | $(VENV)/.created
	@echo "Installing torch (the largest download)"
	@$(PIP_INSTALL) setuptools torch
	@touch $@

$(VENV)/.demo: $(PACKAGING) $(VENV)/.torch
	@echo "Installing pyg_skeleton with what training and pictures need"
	@$(PIP_INSTALL) --no-build-isolation --editable ".[train,viz,cluster]"
	@touch $@

$(VENV)/.dev: $(PACKAGING) $(VENV)/.torch
	@echo "Installing pyg_skeleton with what its tests, checks and documentation need"
	@$(PIP_INSTALL) --no-build-isolation --editable ".[dev]"
	@touch $@ $(VENV)/.demo

# A second environment that looks into the first one (a .pth file), so that only the compiled extra
# is added and `make test` stays without it. Wheels are taken from $(WHEELS) where they fit, else
# pip builds them, which takes half an hour and a C++ compiler.
$(SPARSE_VENV)/.sparse: $(VENV)/.dev
	$(PY) -m venv --clear --without-pip $(SPARSE_VENV)
	@$(PY) -c 'import sysconfig as s; print("import site; site.addsitedir(%r)" % s.get_path("purelib"))' \
	  > $(SPARSE_VENV)/first.pth
	@mv $(SPARSE_VENV)/first.pth $(SPARSE_VENV)/lib/python3.*/site-packages/
	@echo "Installing torch-scatter and torch-sparse"
	@$(SPARSE_VENV)/bin/python -m pip install $(PIP_FLAGS) ninja
	@PATH="$$PWD/$(SPARSE_VENV)/bin:$$PATH" $(SPARSE_VENV)/bin/python -m pip install $(PIP_FLAGS) \
	  --no-build-isolation $(if $(wildcard $(WHEELS)),--find-links $(WHEELS)) --editable ".[sparse]"
	@$(SPARSE_VENV)/bin/python -W ignore -c 'import torch_scatter, torch_sparse'
	@touch $@
