# make run     start Beseda on http://127.0.0.1:8000 (installs what it needs the first time)
# make install only the installing; then: .venv/bin/python main.py
# make test    the tests, browser included, without the slow ones
# make slow    the slow tests, by the rule in CONTRIBUTING.md: long drills, the walk's sample (CI runs them after `make test`)
# make chaos   kill the server at thirty random moments, a random one of two a hundred times, restart both ten times, and
#              count what was lost
# make walk    every page, dialog and menu at six widths, in both themes and languages (twenty minutes)
# make model   a conversation with llama.cpp's server, whose path is LLAMA_SERVER, and a small model: MODEL_GGUF, or one made
#              for it
# make fuzz    five minutes each of what the JSON API and the pages' sockets allow, and of what they do not
# make bench   measure what a reply costs, beside the aims (most of an hour; a quiet machine)
# make bench loop   the longest piece in which the server does nothing else, for each address and listener
# make bench remember   whether what was said long ago is in the prompt, and what memory costs (five minutes);
#                      BENCH_DATABASE=postgresql behind it: the same over PostgreSQL
# make bench many   two instances on one PostgreSQL behind a proxy, beside one on SQLite (ten minutes)
# make image   build the image by buildah and try it (as root; a few minutes)
# make check   format, lint, types, architecture
# make texts   renew the catalogue of translations after a change of texts
# make templates  renew what Vue makes of the components' templates, after a change of one or of NiceGUI
# make pins    renew requirements*.txt after a change of pyproject.toml

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

DENO := DENO_DIR=.venv/deno DENO_NO_UPDATE_CHECK=1 $(BIN)/deno

# Three processes read all tests at once, and each would rewrite and compile them anew if none might leave its bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run install test slow walk chaos model fuzz bench loop many remember image check format pins texts templates clean

run: install
	@exec $(BIN)/python main.py

install: .venv/installed

.venv/installed: requirements.txt
	@test -x $(BIN)/python || { $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' && $(PYTHON) -m venv .venv; } || \
		{ rm -rf .venv; echo "Beseda needs Python 3.11 or newer, with venv (Debian, Ubuntu: apt install python3-venv)."; \
		echo "To name one: make run PYTHON=python3.12"; exit 1; }
	@echo "Installing (about a minute, only this once)…"
	@$(INSTALL) -r requirements.txt
	@$(BIN)/python -m compileall -q domain storage ui main.py
	@touch $@

.venv/installed-dev: .venv/installed requirements-dev.txt
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

test: .venv/installed-dev
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest tests -m "not slow and not source" -n 3 --dist loadscope --no-loadscope-reorder

slow: .venv/installed-dev
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest tests -m slow -n 2 --dist loadfile --no-loadscope-reorder

# A covering sample of it is in `make slow`.
walk: .venv/installed-dev
	@$(BIN)/python -m tests.browser
	WHOLE_WALK=1 $(BIN)/python -m pytest tests/e2e/walk -n 2 --dist load

# Kill the engine at random moments under twenty conversations and count what was lost; then tests too long for `test`.
chaos: .venv/installed-dev
	$(BIN)/python -m tests.crash --moments 30
	$(BIN)/python -m tests.crash_instances --kills 100
	LONG_TESTS=1 $(BIN)/python -m pytest tests/e2e/chat/test_rough_weather.py tests/ui/access/test_error_pages.py \
	  tests/e2e/many/test_rolling_restart.py -k "60 or too_long or ten_in_a_row"

# What a reply costs, as a table; `make bench loop`, or `python -m tests.bench cpu crowd`, takes these figures alone.
bench: .venv/installed-dev
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m tests.bench $(filter loop many remember,$(MAKECMDGOALS))

loop many remember: bench
	@:

# With a real server: make model LLAMA_SERVER=path/to/llama-server [MODEL_GGUF=path/to/model.gguf]
model: .venv/installed-dev
	LLAMA_SERVER=$(LLAMA_SERVER) MODEL_GGUF=$(MODEL_GGUF) $(BIN)/python -m pytest -rs tests/real_model

# Eight seconds of each are in `make slow`.
fuzz: .venv/installed-dev
	FUZZ_SECONDS=300 $(BIN)/python -m pytest -s tests/ui/api/test_schemathesis.py tests/ui/access/test_listeners.py

# Says so and does nothing where there is no buildah.
image:
	deploy/build_image

check: .venv/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(DENO) lint --quiet
	$(DENO) check --quiet ui
	$(BIN)/python -m pytest tests -m source -n 2 --dist loadfile --no-loadscope-reorder

format: .venv/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pins: .venv/installed-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --output-file requirements.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --extra bus --extra bucket --constraint requirements.txt --output-file requirements-extras.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	  --no-emit-index-url --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

# Texts in the code are English; assets/translations/ru.po holds the Russian. After this, fill what is empty there.
texts: .venv/installed-dev
	$(BIN)/pybabel -q extract --no-location --sort-by-file -k Invalid -k NotFound -k NotAllowed -k SignedOut -k Blocked -k Busy \
	  -k plural:1,2 -o assets/translations/beseda.pot domain ui
	$(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap -l ru -i assets/translations/beseda.pot -o assets/translations/ru.po
	@rm assets/translations/beseda.pot

# Templates that Vue has compiled ahead, so that browsers need not: ui/scripts/compiled_templates.json.
templates: .venv/installed-dev
	$(BIN)/python -m tests.ui.scripts.templates

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
