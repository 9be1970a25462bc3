# Two commands are all a newcomer needs: `make run` and `make test`. Both do their own set-up.
VENV := .venv
BIN := $(VENV)/bin
# The first interpreter that is new enough; `make run PYTHON=/path/to/python` overrides.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
UV := $(shell command -v uv 2>/dev/null)
# This machine alone; `make run HOST=0.0.0.0` for others in the network too.
HOST := 127.0.0.1
PORT ?= 8501

.PHONY: run test check format bench clean

run: $(VENV)/.run
	$(BIN)/python -m streamlit run streamlit_app.py --server.address $(HOST) --server.port $(PORT)

test: $(VENV)/.test
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.quick_java
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not alone and not slow"
	$(BIN)/python -m pytest -m "alone and not slow"

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m checks.house

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# The figures of docs/benchmarks.md and the results that the app comes with: medians, on this machine. Takes one to
# two hours; what has been measured before is not measured again (`rm -r ~/.kmeans-studio` for that).
STORE := $(HOME)/.kmeans-studio
bench: $(VENV)/.test
	$(BIN)/python -m kmeans_core benchmark --preset tables
	$(BIN)/python -m kmeans_core benchmark --preset paper
	$(BIN)/python -m kmeans_core benchmark --preset pixels
	$(BIN)/python -m kmeans_core benchmark --preset colors
	$(BIN)/python -m kmeans_core benchmark --preset cores
	$(BIN)/python -m kmeans_core benchmark --preset peers --write docs/benchmarks.md
	$(BIN)/python -m kmeans_core benchmark --preset tables-peers --repeat 5 --write docs/benchmarks.md
	$(BIN)/python -m kmeans_core benchmark --preset targets --write docs/benchmarks.md
	$(BIN)/python -m kmeans_core benchmark --preset spaces --write docs/benchmarks.md
	$(BIN)/python -m kmeans_core benchmark --preset collection --pictures 200 --write docs/collections.md
	$(BIN)/python -m kmeans_core benchmark --preset paper --write docs/benchmarks.md
	$(BIN)/python -m kmeans_core results --export assets/benchmarks/measured.parquet
	cp $(STORE)/peers.json $(STORE)/tables.json $(STORE)/limits.json $(STORE)/collections.json assets/benchmarks
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.tables.speed
	$(BIN)/python -m tests.browser.speed

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.run: requirements.txt
ifneq ($(UV),)
	uv venv --quiet --clear --python '>=3.11' $(VENV)
	uv pip install --quiet --python $(BIN)/python -r requirements.txt
else
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found: install one from https://www.python.org, or name it: make run PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
endif
	$(BIN)/python -m kmeans_core compile
	touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
ifneq ($(UV),)
	uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
endif
	touch $@
