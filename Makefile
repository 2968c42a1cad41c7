# Needs a Python (3.10 or newer) and make. Everything is installed into .venv, once: stamp files
# inside it remember what was done, so that a second call installs nothing and needs no network.
# `make PYTHON=python3.12 test` chooses another Python. To take torch from another index than
# pip's own, set PIP_INDEX_URL or PIP_EXTRA_INDEX_URL.

PYTHON ?= python3
VENV := .venv
SPARSE_VENV := .venv-sparse
LOWEST := .venv-lowest
NEWEST := .venv-newest
# With pyenv, these are the ones it has.
PYTHON_LOWEST ?= env PYENV_VERSION=3.10 python3.10
PYTHON_NEWEST ?= env PYENV_VERSION=3.13 python3.13
TESTS ?=
WHEELS ?= ../shared/wheels
DEMO_OUT ?= runs/demo
DEMO_ARGS ?= --max-steps 200 --steps-per-epoch 50 --out $(DEMO_OUT) --overwrite
PYTEST_ARGS ?=
# A process for each core, a file of tests to each; PYTEST_ARGS="-n 0" is a single process.
PYTEST := -m pytest -n logical --maxprocesses 4 --dist loadfile $(PYTEST_ARGS)

PY := $(VENV)/bin/python
PIP_NEW := --quiet --quiet --disable-pip-version-check --no-input
PIP_FLAGS := $(PIP_NEW) --constraint constraints.txt
PIP_INSTALL := $(PY) -m pip install $(PIP_FLAGS)
PACKAGING := setup.py pyproject.toml constraints.txt pyg_skeleton/version.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-sparse test-versions test-lowest test-newest lint format docs audit
.PHONY: hashes clean

help: ## this list
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | \
	  while IFS='|' read -r name text; do printf '%-20s %s\n' "  $$name" "$$text"; done

demo: $(VENV)/.demo ## install, train Sym-GNN on an embedded data set (three minutes), draw pictures
	$(PY) -m pyg_skeleton train motion $(DEMO_ARGS)

test: $(VENV)/.dev ## install and run the tests; needs no compiled extra
	$(PY) $(PYTEST)

test-sparse: $(SPARSE_VENV)/.sparse ## the tests that need torch-scatter and torch-sparse
	$(SPARSE_VENV)/bin/python $(PYTEST) -m sparse

test-versions: test-lowest test-newest ## the tests on Python 3.10 and 3.13, lowest and newest versions

# The versions that setup.py names, which warn about each other.
test-lowest: $(LOWEST)/.dev
	$(LOWEST)/bin/python $(PYTEST) -W default $(TESTS)

test-newest: $(NEWEST)/.dev
	$(NEWEST)/bin/python $(PYTEST) $(TESTS)

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

audit: $(VENV)/.dev ## known vulnerabilities, the licenses and the bill of materials of what is installed
	@mkdir -p build
	$(PY) docs/bill_of_materials.py --out build/bom.json
	@$(PY) -m pip install $(PIP_FLAGS) pip-audit
	@$(PY) -m pip_audit --local --skip-editable --progress-spinner off > build/audit.txt || \
	  echo "vulnerabilities were found, or the service that knows them is not in reach"
	@cat build/audit.txt
	@echo "$$(grep -c 'could not be audited' build/audit.txt) packages were not looked up"

hashes: $(VENV)/.dev ## requirements-hashed.txt: the versions of constraints.txt with their hashes
	@$(PY) -m pip install $(PIP_FLAGS) uv
	@$(PY) -m uv pip compile --quiet --universal --python-version 3.10 --no-annotate \
	  --custom-compile-command "make hashes" --generate-hashes --constraint constraints.txt \
	  --extra all setup.py -o requirements-hashed.txt

clean: ## remove what the other targets made, but keep runs/
	rm -rf $(VENV) $(SPARSE_VENV) $(LOWEST) $(NEWEST) build dist *.egg-info docs/_build
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

# Each version of setup.py as the only one; pip chooses what they need.
$(LOWEST)/.dev: setup.py
	$(PYTHON_LOWEST) -m venv --clear $(LOWEST)
	@grep -oE '"[a-z0-9-]+>=[0-9.]+"' setup.py | tr -d '"' | sed 's/>=/==/' > $(LOWEST)/lowest.txt
	@echo "Installing the lowest versions (3 GB)"
	@$(LOWEST)/bin/python -m pip install $(PIP_NEW) --upgrade pip setuptools
	@$(LOWEST)/bin/python -m pip install $(PIP_NEW) --constraint $(LOWEST)/lowest.txt torch
	@$(LOWEST)/bin/python -m pip install $(PIP_NEW) --constraint $(LOWEST)/lowest.txt \
	  --no-build-isolation --editable ".[dev]"
	@touch $@

$(NEWEST)/.dev: setup.py
	$(PYTHON_NEWEST) -m venv --clear $(NEWEST)
	@echo "Installing the newest versions (3 GB)"
	@$(NEWEST)/bin/python -m pip install $(PIP_NEW) --upgrade pip setuptools torch
	@$(NEWEST)/bin/python -m pip install $(PIP_NEW) --no-build-isolation --editable ".[dev]"
	@touch $@

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
