# Needs python3 (3.11 or newer) and make; everything else is put into .venv here.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: run sample test check bench lock snapshots pictures words clean

run: $(READY)
	@$(BIN)/koble

sample: $(READY)
	@$(BIN)/koble --sample

test: $(READY)
	$(BIN)/pytest -n auto -q

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(READY)
	$(BIN)/python -m tests.bench

# Redraw the expected screens after a wanted change; look at them before committing.
snapshots: $(READY)
	$(BIN)/pytest -n auto -q tests/tui --snapshot-update

# Take the pictures of the README anew.
pictures: $(READY)
	$(BIN)/python -m tests.pictures

# Gather the strings people read, merge them into the Norwegian catalogue, compile it.
words: $(READY)
	$(BIN)/python -m tests.words_catalogue

lock: $(READY)
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --group dev pyproject.toml -o requirements.lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "koble needs Python 3.11 or newer; $$($(PYTHON) --version) was found. Try: make PYTHON=python3.12 run"; exit 1; }
	@echo "Setting up .venv (once; about a minute) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --disable-pip-version-check -q --require-hashes -r requirements.lock
	@$(BIN)/pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch $(READY)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
