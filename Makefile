# Switchboard. `make` alone says what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run-installed
DEV := $(VENV)/.dev-installed
PYTEST_FLAGS ?=
# A file stays with one worker: it starts what its tests share once, and they run in its order.
TESTS = $(BIN)/pytest -n auto --dist loadfile -m "not nightly" $(PYTEST_FLAGS)
COMPOSE ?= docker compose
TEST_API_SERVER_CRDS ?= .tools/crds

SOFTPHONES := kamailio linphone-cli baresip-core

.PHONY: help run demo test test-again test-nightly test-softphones test-image test-api-server check check-deploy manifests compose-up tools bench screenshots schemas history lock format clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN) ## Run the whole product on this machine, with a demo organization
	@$(BIN)/switchboard up

demo: $(RUN) ## Tell the story of one softphone against the running product
	@$(BIN)/switchboard demo

test: $(DEV) ## Run every test this machine can run
	$(TESTS)

test-again: $(DEV) ## The same; what fails runs once more, alone, and is named if it passes then
	@scripts/test-again $(TESTS)

test-nightly: $(DEV) ## Run what takes minutes or measures time
	$(BIN)/pytest -m nightly $(PYTEST_FLAGS)

test-softphones: $(DEV) ## Let a real Linphone and a real baresip register on a real Kamailio
	@if command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ] && ! dpkg -s $(SOFTPHONES) > /dev/null 2>&1; then \
		echo "Installing $(SOFTPHONES) …"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(SOFTPHONES) > /dev/null; \
	fi
	TEST_SOFTPHONES=1 $(BIN)/pytest $(PYTEST_FLAGS) tests/softphone

test-image: $(DEV) ## Build the image with podman and run the Deployments, locked down and under load
	@PYTHON=$(BIN)/python PYTEST_FLAGS="$(PYTEST_FLAGS)" scripts/test-image

test-api-server: $(DEV) ## Apply the manifests to a kube-apiserver and an etcd from the PATH or .tools
	TEST_API_SERVER=1 TEST_API_SERVER_CRDS="$(TEST_API_SERVER_CRDS)" $(BIN)/pytest $(PYTEST_FLAGS) tests/api_server

check: $(DEV) ## Style, types, borders, fresh generated files, compatible schemas
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m switchboard.generated --check
	$(BIN)/python -m schemas.compatibility

check-deploy: $(DEV) ## Check deploy/ with Kubernetes' schemas, checkov, hadolint, promtool, nats-server
	@PYTHON=$(BIN)/python scripts/check-deploy

manifests: schemas ## Render the Kubernetes manifests anew, into deploy/dist
	$(BIN)/python -m switchboard.deployment.render

compose-up: ## Run everything by Docker Compose, with MongoDB and a mail server
	$(COMPOSE) --file deploy/compose.yaml up --build --detach --wait

tools: ## Build what only tests need and no package brings (a MongoDB-protocol server)
	@scripts/tools

bench: $(DEV) ## Measure, as ratios to the same work without our code
	@$(BIN)/python -m bench

screenshots: $(DEV) ## Take pictures of the portal, every page and state, into var/screenshots
	@$(BIN)/python -m tests.e2e.screenshots

schemas: $(DEV) ## Write the generated files anew: schemas, catalogue, NATS accounts
	$(BIN)/python -m switchboard.generated

history: $(DEV) ## Record the events and documents of this release, for all later ones to replay
	$(BIN)/python -m tests.histories.recording

lock: $(DEV) ## Resolve the dependencies anew, with hashes
	$(BIN)/uv pip compile pyproject.toml --extra build --extra embedded --extra mongo --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --quiet --output-file requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra build --extra embedded --extra mongo --extra dev --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --quiet --output-file requirements/dev.txt
	$(BIN)/uv pip compile pyproject.toml --extra mongo --constraint requirements/run.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --quiet --output-file requirements/image.txt
	echo 'setuptools>=77' | $(BIN)/uv pip compile - --constraint requirements/run.txt --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --quiet --output-file requirements/build.txt
	$(BIN)/uv pip compile requirements/deploy.in --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--no-header --no-annotate --quiet --output-file requirements/deploy.txt

format: $(DEV) ## Put the sources into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## Remove the environment and everything the product stored here
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; say where it is: make PYTHON=/path/to/python3 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN): requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the product needs (about a minute, once) …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "Installing what tests and checks need (about a minute, once) …"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
