# Thin: what is done lies in hack/. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
CONFIGURATION ?= Release
export CONFIGURATION

.PHONY: help setup build test unit integration e2e bench chaos bare demo demo-down cluster cluster-down images install.yaml crds fmt lint clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z0-9.-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install (as root on Debian) or check all that this machine needs
	@hack/setup.sh

build: ## build everything, warnings are errors
	@hack/setup.sh base collectives native
	@dotnet build AiDc.sln -c $(CONFIGURATION) -m:2 --nologo -v q

test: ## set up what is needed and run every test, end to end ones last
	@hack/test.sh lint unit integration e2e

unit: ## run the tests that need nothing but .NET
	@hack/test.sh unit

integration: ## run the tests against a real API server
	@hack/test.sh integration

e2e: ## run the tests on a real cluster (the local one, or that of KUBECONFIG)
	@hack/test.sh e2e

lint: ## check the shell scripts
	@hack/test.sh lint

bench: ## run benchmark NAME=<name>, or all; figures go to artifacts/bench/
	@hack/bench.sh $(NAME)

chaos: ## random kills, cuts, drops, pauses and delays during one training (CHAOS_MINUTES=20)
	@hack/bench.sh chaos

bare: ## .ci/run as on a machine that has nothing but what the README asks for (BARE='command' for another)
	@hack/bare.sh $(BARE)

demo: ## cluster, operator, a training of digits with its progress, the accuracy it reached
	@hack/demo.sh

demo-down: ## remove all that `make demo` made
	@hack/demo.sh down

cluster: ## start the local Kubernetes cluster (NODES=3 GPUS=4)
	@hack/cluster.sh up

cluster-down: ## end the local cluster and leave nothing behind
	@hack/cluster.sh down

images: ## build the container images (and load them into the local cluster if it runs)
	@hack/image.sh operator trainer tools

install.yaml: ## render the chart for `kubectl apply` (KUBE_VERSION=, default: that of the local cluster)
	@hack/render-install.sh

crds: ## write crds/ from the C# types
	@hack/setup.sh base
	@dotnet run --project operator/AiDc.Api.Generator -c $(CONFIGURATION) -- --root .

fmt: ## format the C# code
	@dotnet format AiDc.sln

clean: ## remove what was built (the cache in ~/.cache/aidc stays)
	@rm -rf artifacts install.yaml
