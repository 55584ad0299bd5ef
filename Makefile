# Two commands do everything: `make demo` shows it, `make test` proves it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PORT ?= 8080
VIDEOS ?=
CHAOS_S ?= 1800
CLUSTER_CHAOS_S ?= 600
FREEZES ?= 50
FUZZ_N ?= 100000
LOCKED_PYTHON ?= python3.13
SOAK_S ?= 3600
QUICK_S ?= 400
BIG_NIGHT_S ?= 300
VENV := .venv
BIN := $(VENV)/bin
WEB_SOURCES := $(shell find app/web -type f -not -path '*/node_modules/*' 2>/dev/null)

# Tests start hundreds of children: none of them compiles again what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-quick check docs chaos cluster-test locked-test fuzz audit soak big-night bench pictures format clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1	\2/'
	@echo
	@echo '  make demo VIDEOS="a.mp4 b.mp4" PORT=8081    your own videos as cameras, another port'

demo: $(VENV)/.installed ## recorded videos as cameras, a fire alert on http://127.0.0.1:8080 within a minute
	@exec $(BIN)/thapcanh demo --port $(PORT) $(VIDEOS)

# More processes than the two cores that it is made for: tests wait for servers half of their time,
# in which the two longest checks run, one after the other.
test: $(VENV)/.tested-with ## format, lint, types, import contracts, all tests with real servers and a browser
	@$(MAKE) --no-print-directory check-rest docs
	@$(MAKE) --no-print-directory --jobs=2 test-rooms check-types check-screens
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder tests/end_to_end

test-quick: $(VENV)/.tested-with ## what most changes break: lint, types, and the quickest tests, in four minutes
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-rest check-types
	$(BIN)/python -m pytest --within $(QUICK_S) --ignore=tests/end_to_end -n 3 --dist loadfile

.PHONY: test-rooms
test-rooms:
	$(BIN)/python -m pytest --ignore=tests/end_to_end -n 5 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.tested-with ## format, lint, types, import contracts and the shape of the tree only
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target check-types check-rest check-screens docs

.PHONY: check-types check-rest check-screens
check-types:
	$(BIN)/mypy

check-rest:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python tools/house.py

check-screens:
	$(BIN)/python app/web/build_hook.py check

docs: $(VENV)/.tested-with ## the documents as a site in app/docs_dist, which the centre shows at /docs/; wrong links fail
	$(BIN)/python app/web/build_hook.py documents

chaos: $(VENV)/.tested-with ## kill parts of a site for CHAOS_S=1800 s, of a cluster for CLUSTER_CHAOS_S=600; freeze FREEZES=50 leaders; nothing may be lost
	$(BIN)/python -m tests.chaos.drive $(CHAOS_S)
	$(BIN)/python -m tests.chaos.freeze $(FREEZES)
	$(BIN)/python -m tests.cluster.storm $(CLUSTER_CHAOS_S)

cluster-test: $(VENV)/.tested-with ## a city in network namespaces: nodes, head, primary, centre killed; 40,000 cameras; figures as JSON
	$(BIN)/python -m tests.cluster.drive

locked-test: $(VENV)/.tested-with ## a site on the very packages of the images: film, RTSP, desk (needs Python 3.13 and the network)
	$(LOCKED_PYTHON) -m venv --clear .locked .locked/build
	deploy/image-packages .locked/build/bin/python .locked/wheels
	.locked/build/bin/python -m hatchling build -t wheel -d .locked/wheels
	.locked/bin/python -m pip install --quiet --no-index --find-links .locked/wheels 'thapcanh[cluster,ldap,notify,onnx,postgres,s3]'
	LOCKED_PYTHON=.locked/bin/python $(BIN)/python -m pytest tests/end_to_end/test_locked_packages.py

soak: $(VENV)/.tested-with ## a whole site for SOAK_S=3600 seconds, cameras that fail at random; no process grows
	$(BIN)/python -m tests.chaos.soak $(SOAK_S)

big-night: $(VENV)/.tested-with ## three fires, 40 panels, 60 calls, 1,000 messages in BIG_NIGHT_S=300 s; the room's figures as JSON, pictures of the desk
	$(BIN)/python app/web/build_hook.py build
	$(BIN)/python -m tests.big_night.drive $(BIG_NIGHT_S)

fuzz: $(VENV)/.tested-with ## FUZZ_N=100000 hostile inputs to every door: none may crash it, each refusal is clear
	$(BIN)/python -m tests.fuzz.drive $(FUZZ_N)

audit: $(VENV)/.tested-with ## known weaknesses of every package, where the advisory services can be reached
	$(BIN)/python tools/audit.py

format: $(VENV)/.tested-with ## put the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.tested-with ## costs, delays and rates, beside other systems, in ten minutes; see benchmarks/results
	$(BIN)/python -m benchmarks.short $(if $(VIDEOS),--videos $(VIDEOS))

pictures: $(VENV)/.tested-with ## make every picture of the documents again, in docs/pictures
	$(BIN)/python -m tests.pictures.drive

clean: ## remove what the commands above made
	rm -rf $(VENV) .locked .benchmarks app/web_dist app/docs_dist app/web/node_modules .mypy_cache .ruff_cache .pytest_cache

# The interpreter and the system libraries: asked for when they are missing and may be installed.
$(VENV)/bin/python:
	@tools/system-packages python "$(PYTHON)"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

# The other choice of WITHOUT_TORCH installs again.
LEFT_OUT = $(if $(wildcard $(VENV)/lib/python*/site-packages/ultralytics-*left.out.dist-info),1,0)
.PHONY: other-choice
$(VENV)/.installed: pyproject.toml $(WEB_SOURCES) $(if $(filter-out $(LEFT_OUT),$(WITHOUT_TORCH)),other-choice) | $(VENV)/bin/python
	@tools/python-packages "$(BIN)/python" .
	@tools/system-packages opencv "$(BIN)/python"
	@touch $@

$(VENV)/.tested-with: pyproject.toml $(WEB_SOURCES) | $(VENV)/bin/python
	@WITHOUT_TORCH=0 tools/python-packages "$(BIN)/python" '.[dev]'
	@tools/system-packages opencv "$(BIN)/python"
	@tools/system-packages browser
	@tools/system-packages postgresql
	@tools/system-packages foreign
	@tools/system-packages nginx
	@tools/system-packages haproxy
	@tools/system-packages mosquitto
	@tools/system-packages rsyslog
	@tools/system-packages slapd
	@tools/system-packages exiftool
	@touch $@ $(VENV)/.installed
