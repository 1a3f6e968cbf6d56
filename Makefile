# Two commands do everything on a fresh machine: `make run` and `make test`.

.DEFAULT_GOAL := help
# Tests run in two processes, file by file, so that what a module shares is made once (ARGS=-n0: one).
IN_TWO := -n 2 --dist loadfile --no-loadscope-reorder
.PHONY: help run setup test check lock demo-clips clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: setup  ## set up, then listen (ARGS="..." are options of `nowhear demo`)
	@exec .venv/bin/nowhear demo $(ARGS)

setup:  ## only set up
	@tools/setup.sh run

test:  ## set up with what the tests need, then run all tests (ARGS="..." go to pytest)
	@tools/setup.sh test
	OMP_NUM_THREADS=1 NOWHEAR_MUSICNN_WHEEL=$$(ls .venv/wheels/musicnn-*.whl) \
		.venv/bin/python -m pytest $(IN_TWO) $(ARGS)

check:  ## lint, format, types of Python and of the page, unit tests of the page
	@tools/setup.sh test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/python hatch_build.py --check

lock:  ## resolve the dependencies anew into requirements.lock
	tools/lock.sh

clean:  ## take away what set-up and builds made
	rm -rf .venv build dist realtime/web/dist realtime/web/node_modules
