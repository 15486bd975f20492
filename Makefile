# Everything starts here. `make demo` and `make test` do all set-up by themselves.

UV := .tools/bin/uv
RUN := .venv/bin
TEST_VAR ?= var/test
# As many processes as there are cores, four at most, each with its own database; for a part of the tests one is quicker.
WORKERS ?= $(if $(ARGS),0,$(shell cores=$$(nproc 2>/dev/null || echo 2); echo $$((cores < 4 ? cores : 4))))
NO_BROWSER = $(if $(filter no,$(BROWSER)),-m 'not browser')
# Tests start some hundred programs, half of whose first seconds go into compiling where nothing compiled is kept.
COMPILED_ONCE = env -u PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX=$(abspath $(TEST_VAR))/compiled
READY := .venv/.ready
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help setup demo run worker test lint types messages check-messages reference audit sbom budgets lcp format clean tour

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

$(UV): tools/uv.txt tools/bootstrap-uv.sh
	@tools/bootstrap-uv.sh

$(READY): pyproject.toml uv.lock src/toli/locale/hi/LC_MESSAGES/django.po | $(UV)
	@echo "Setting up Python packages ..." >&2
	@$(UV) sync --frozen --quiet
	@$(RUN)/python tools/messages.py compile
	@touch $@

setup: $(READY) ## install everything into .venv

demo: $(READY) ## take synthetic members through the whole chain, then serve; ARGS="--members 2000 --no-serve --json"
	@$(RUN)/toli demo $(ARGS)

run: $(READY) ## serve on 127.0.0.1:8000
	@$(RUN)/toli migrate && $(RUN)/toli serve

worker: $(READY) ## do background jobs
	@$(RUN)/toli worker

test: $(READY) ## all tests, with a real PostgreSQL and a real browser; ARGS="tests/chatgroups -k seats" TEST_VAR=var/test-2 BROWSER=no WORKERS=0
	@[ "$(BROWSER)" = no ] || { tools/ensure-browser.sh && tools/ensure-ffmpeg.sh; }
	@$(COMPILED_ONCE) TOLI_VAR_DIR=$(TEST_VAR) DJANGO_ALLOW_ASYNC_UNSAFE=1 $(RUN)/python -m pytest -n $(WORKERS) --dist loadfile $(NO_BROWSER) $(ARGS)

lint: $(READY) ## style, layers, translations
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@TOLI_VAR_DIR=var/test $(RUN)/lint-imports
	@$(MAKE) --no-print-directory check-messages

types: $(READY) ## static types
	@TOLI_VAR_DIR=var/test $(RUN)/mypy src/toli

format: $(READY) ## bring the code into shape
	@$(RUN)/ruff check --fix . ; $(RUN)/ruff format .

messages: $(READY) ## collect strings for translation
	@$(RUN)/python tools/messages.py extract

check-messages: $(READY) ## every string translated, placeholders kept
	@$(RUN)/python tools/messages.py check

reference: $(READY) ## bring docs/reference up to date with the code
	@TOLI_VAR_DIR=var/test $(RUN)/python tools/reference.py write

audit: $(READY) ## known weaknesses of the packages we use; ARGS="--must-answer" fails when nobody could be asked
	@$(RUN)/python -m tools.audit_packages $(ARGS)

sbom: $(READY) ## what an installation is made of, with licences: build/toli.cdx.json (CycloneDX)
	@$(RUN)/python -m tools.sbom $(ARGS)

budgets: $(READY) ## weigh the real pages, as brotli sends them: build/budgets.txt
	@mkdir -p build
	@TOLI_VAR_DIR=$(TEST_VAR) BUDGETS_FILE=build/budgets.txt DJANGO_ALLOW_ASYNC_UNSAFE=1 $(RUN)/python -m pytest -q -n 0 tests/web/test_budgets.py
	@cat build/budgets.txt

lcp: $(READY) ## when the largest thing on a page is there, on a slow phone and network; ARGS="--runs 5 --json"
	@tools/ensure-browser.sh
	@$(RUN)/python -m tools.lcp $(ARGS)
tour: $(READY) ## take the guided tour anew: docs/tour, pictures of every page with invented people
	@tools/ensure-browser.sh
	@TOLI_VAR_DIR=$(TEST_VAR) TOUR=docs/tour DJANGO_ALLOW_ASYNC_UNSAFE=1 $(RUN)/python -m pytest -q -n 0 tests/e2e/test_tour.py $(ARGS)

clean: ## remove what can be made again; the data in var/ stays
	rm -rf .venv .tools .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
