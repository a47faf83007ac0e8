# Everything one needs to know to work here: `make help`.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help run room-engine test browser test-next lint format messages content bench faults shots clean

help: ## List these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: ## Install, load the curriculum and the demo cohort, start the site and the worker, print addresses and demo logins
	@$(PYTHON) bin/run

room-engine: ## Sound and picture for big rooms: install (Debian) and start Janus and coturn
	@$(PYTHON) bin/room-engine

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) bin/install requirements.txt $@

$(VENV)/.dev: requirements.txt requirements-dev.txt
	@$(PYTHON) bin/install requirements-dev.txt $@

test: $(VENV)/.dev ## Install what the tests need and run them, all but those that drive Chromium
	$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not browser" $(ARGS)

browser: $(VENV)/.dev ## The tests that drive Chromium: journeys, keyboard, offline, calls, axe on every screen
	$(PY) -m pytest -n auto --dist loadfile --no-loadscope-reorder -m browser $(ARGS)

test-next: ## Run the suite on the next Wagtail (8.0)
	@$(PYTHON) bin/install --venv .venv-next --also 'wagtail~=8.0.1' requirements-dev.txt .venv-next/.dev
	.venv-next/bin/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(VENV)/.dev ## Style, floors, templates, migrations, deploy checks, catalogues, shipped content
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports --config pyproject.toml
	$(VENV)/bin/djlint --lint --quiet .
	$(PY) bin/check project

format: $(VENV)/.dev ## Let ruff and djlint rewrite the style
	$(VENV)/bin/ruff check --fix . ; $(VENV)/bin/ruff format .

messages: $(VENV)/.dev ## Collect interface words into locale/ and compile the catalogues (needs gettext)
	$(PY) bin/check messages --write

content: $(VENV)/.dev ## Check the shipped curriculum files
	$(PY) bin/check content

bench: $(VENV)/.dev ## Measure the budgets of ARCHITECTURE.md, printed as tables (minutes; not in CI)
	$(PY) -m tests.bench

faults: $(VENV)/.dev ## Kill servers in mid-answer and count what was lost (minutes; not in CI)
	$(PY) -m pytest tests/faults -q -p no:cacheprovider $(ARGS)

shots: $(VENV)/.dev ## Screenshots of every screen, role, language, size and scheme into shots/
	$(PY) -m tests.browser.shots $(ARGS)

clean: ## Remove what make made
	rm -rf $(VENV) .venv-next .run static-root shots db.sqlite3*
