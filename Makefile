# Each target is a line: what it does is in scripts/bootstrap.py, which Windows calls directly.
# Arguments go through ARGS, as in: make test ARGS="tests/unit -x"
PYTHON ?= python3
DOOR = @"$(PYTHON)" scripts/bootstrap.py

.PHONY: run setup test lint types format bench bundle lock clean

run:     ; $(DOOR) run $(ARGS)
setup:   ; $(DOOR) setup --dev
test:    ; $(DOOR) test $(ARGS)
lint:    ; $(DOOR) lint $(ARGS)
types:   ; $(DOOR) types $(ARGS)
bench:   ; $(DOOR) bench $(ARGS)
bundle:  ; $(DOOR) bundle $(ARGS)
lock:    ; $(DOOR) lock $(ARGS)
format:  ; @.venv/bin/python -m ruff check --fix . ; .venv/bin/python -m ruff format .
clean:   ; rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
