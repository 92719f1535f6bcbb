# Everything from Python 3.11, 3.12 or 3.13 and make: each target does its own set-up, once.
#
#   make demo    find the law in a hundred-year-old table of pelts, and write out/report.html
#   make test    run every test
#   make bench   run the benchmarks side by side with peers, which are installed for it
#   make check   the whole gate: format, lint, types, floors, size, tests (what .ci/run runs)
#   make clean   remove the environment and everything that was written

VENV := .venv
BIN := $(VENV)/bin
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c '$(FITS)' 2>/dev/null && { echo $$python; break; }; done)
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test bench check install clean
.DEFAULT_GOAL := test

demo: $(VENV)/.installed
	@$(BIN)/discover demo

test: $(VENV)/.installed-dev
	@$(BIN)/python -m pytest -n auto --dist loadfile

bench: $(VENV)/.installed-peers
	@$(BIN)/python -m benchmarks --peers pysindy

check:
	@.ci/run

install: $(VENV)/.installed-dev

clean:
	rm -rf $(VENV) out .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# The stamps: set-up runs again only when pyproject.toml has changed.
$(VENV)/bin/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "discover needs Python 3.11, 3.12 or 3.13; python3 here is: $$(python3 --version 2>&1)." >&2; \
		echo "Install one of them, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; fi
	@if ! "$(PYTHON)" -c '$(FITS)'; then \
		echo "discover needs Python 3.11, 3.12 or 3.13; $(PYTHON) is: $$("$(PYTHON)" --version 2>&1)." >&2; exit 1; fi
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version) ..."
	@if ! "$(PYTHON)" -m venv $(VENV); then rm -rf $(VENV); \
		echo "Making $(VENV) failed; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; fi

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing discover and what it needs into $(VENV) (a few minutes the first time) ..."
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(INSTALL) --editable '.[dev]'
	@touch $@

$(VENV)/.installed-peers: $(VENV)/.installed-dev
	@echo "Installing the peers that the benchmarks compare with ..."
	@$(INSTALL) --editable '.[peers]'
	@touch $@
