# Two commands do everything: `make demo` and `make test`.
PYTHON ?= python3
ARGS ?=
WORKERS ?= 2
PYTEST = .venv/bin/python -m pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test check fast bench bench-all clean

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

bench: .venv-bench/ready ## what Kehu costs on this machine, beside the least it could: ARGS="--lines 10000000"
	@.venv/bin/python benchmarks/run.py $(ARGS)

bench-all: .venv-bench/ready ## every size that RESULTS.md tells; takes some hours on two cores and 25 GB of disk
	@.venv/bin/python benchmarks/run.py $(ARGS)
	@.venv/bin/python benchmarks/run.py $(ARGS) --lines 10000000 --memory 650MB --only collect csv build others increments score reading backup
	@.venv/bin/python benchmarks/run.py $(ARGS) --people 100000 --repeats 1 --only identity
	@.venv/bin/python benchmarks/run.py $(ARGS) --lines 10000000 --customers 10000000 --repeats 1 --only customers
	@.venv/bin/python benchmarks/run.py $(ARGS) --lines 100000000 --repeats 1 --only collect build increments reading

.venv-bench/ready: requirements-bench.lock ## what the comparison runs, apart from Kehu's own packages
	@$(PYTHON) bootstrap/setup.py demo
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

clean:
	rm -rf .venv .venv-bench node_modules src/kehu/web/static/vendor demo
