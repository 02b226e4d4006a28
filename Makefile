# Six commands: make run, make test, make lint, make audit, make bench, make drill. README.md says what each shows.
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
	DJANGO_SETTINGS_MODULE=config.settings.test DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=config.settings.test DATABASE_URL=sqlite:///:memory: $(BIN)/python manage.py check_migrations

audit: environment
	@$(BIN)/python tests/audit.py $(ARGS)

bench: environment
	@$(BIN)/python -m bench.run $(ARGS)

drill: environment
	@$(BIN)/python -m bench.drill

environment:
	@$(PYTHON) site/demo/prepare.py requirements-dev.txt

.PHONY: run test lint audit bench drill environment
