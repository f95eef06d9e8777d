# Two commands: `make demo` runs the whole path on this machine, `make test` proves it.
.PHONY: demo test check bench screenshots

demo:
	@scripts/setup demo
	@.venv/bin/sotto demo $(ARGS)

test:
	@scripts/setup test
	@scripts/check
	@scripts/test

check:
	@scripts/setup test
	@scripts/check

bench:
	@scripts/setup test
	@.venv/bin/python bench/run.py $(ARGS)
