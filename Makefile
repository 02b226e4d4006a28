# Nine commands: make run, make test, make lint, make audit, make lock, make bench, make bench-size, make load, make drill.
# README.md says what each shows.
PYTHON ?= python3
BIN := .venv/bin
export PYTHONPATH := site:.

run:
	@$(PYTHON) site/demo/prepare.py requirements.txt
	@$(BIN)/python site/demo/run_demo.py

test: environment
	@$(BIN)/python tests/run.py $(ARGS)

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/djhtml --check --tabwidth 2 templates events_pages/legal/legal_texts
	$(BIN)/djlint --lint --quiet templates events_pages/legal/legal_texts
	DJANGO_SETTINGS_MODULE=config.settings.test DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py check_migrations

audit: environment
	@$(BIN)/python tests/audit.py $(ARGS)

# Writes requirements.txt anew from requirements.in; ARGS=--upgrade takes the newest of what requirements.in leaves open.
# Hashes are those of the public index alone, whatever other places pip is told of here.
lock: environment
	@PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= PIP_EXTRA_INDEX_URL= CUSTOM_COMPILE_COMMAND="make lock" \
	$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host \
	--no-emit-find-links --allow-unsafe --output-file requirements.txt $(ARGS) requirements.in

bench: environment
	@$(BIN)/python -m bench.run $(ARGS)

# Of BENCH_TICKETS tickets, a million unless told otherwise; fails on any target that is missed.
bench-size: environment
	@$(BIN)/python -m bench.size

load: environment
	@$(BIN)/python -m bench.load

drill: environment
	@$(BIN)/python -m bench.drill

environment:
	@$(PYTHON) site/demo/prepare.py requirements.txt requirements-dev.txt

.PHONY: run test lint audit lock bench bench-size load drill environment
