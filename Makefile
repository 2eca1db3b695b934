# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
ARGS ?=
WORKERS ?= 2
PYTEST = .venv/bin/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test check fast bench clean

demo: ## set up, then a company's customers made whole: collect, build, score, serve
	@$(PYTHON) bootstrap/setup.py demo
	@.venv/bin/kehu demo $(ARGS)

test: ## set up, then the linters and the whole test suite, browser tests included
	@$(PYTHON) bootstrap/setup.py test
	@$(MAKE) --no-print-directory check
	@$(PYTEST)

fast: ## the tests that take no more than a second each
	@$(PYTEST) -m "not slow and not browser"

check: ## what the tools enforce
	@.venv/bin/ruff check --quiet .
	@.venv/bin/ruff format --quiet --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@.venv/bin/vulture
	@.venv/bin/deptry --no-ansi src

bench: ## cost of the main job and of its pages on this machine
	@.venv/bin/python benchmarks/run.py

clean:
	rm -rf .venv node_modules src/kehu/web/static/vendor demo
