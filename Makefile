# `make demo` runs the whole path on this machine; `make test` and `make long` prove it (docs/testing.md).
.PHONY: demo quick test long check bench screenshots docs dist

demo:
	@scripts/setup demo
	@.venv/bin/sotto demo $(ARGS)

quick:
	@scripts/setup quick
	@scripts/test quick

test:
	@scripts/setup test
	@scripts/check
	@scripts/test

long:
	@scripts/setup test
	@scripts/test long

check:
	@scripts/setup test
	@scripts/check

docs:
	@scripts/setup docs
	@.venv/bin/python scripts/docs_site.py $(ARGS)

dist:
	@scripts/setup dist
	@PATH="$$PWD/.venv/bin:$$PATH" python scripts/dist.py

bench:
	@scripts/setup test
	@.venv/bin/python bench/run.py $(ARGS)
