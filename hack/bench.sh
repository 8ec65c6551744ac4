#!/usr/bin/env bash
# Runs one benchmark, or all of them: bench.sh [name]. Figures go to artifacts/bench/<name>.json.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
cd "$ROOT"
use_kube_bin

# The local cluster with operator and gateways.
local_cluster() {
  [ -z "${KUBECONFIG:-}" ] || [ -n "${AIDC_LOCAL_KUBECONFIG:-}" ] ||
    die "$1 cuts the power of the local cluster's nodes: unset KUBECONFIG"
  hack/setup.sh base collectives native cluster images
  hack/cluster.sh up
  use_kube_bin # the set-up may just have fetched it
  hack/image.sh operator trainer
  KUBECONFIG=$(hack/cluster.sh kubeconfig)
  export KUBECONFIG AIDC_LOCAL_KUBECONFIG=1
  hack/install.sh
}

prepare() {
  case $1 in
    reconcile | footprint)
      hack/setup.sh base controlplane
      hack/publish.sh operator artifacts/publish/operator
      export AIDC_OPERATOR_PROGRAM=$ROOT/artifacts/publish/operator/app/AiDc.Operator
      ;;
    autoscaling | scheduling | canary)
      # The simulators need nothing but .NET; the program that they are a part of holds the trainer's benchmarks too.
      hack/setup.sh base collectives native
      ;;
    distributed)
      hack/setup.sh base collectives native
      # Without root the bytes on the wire are those of the machine's loopback, other programs' among them.
      if [ "$(id -u)" -eq 0 ]; then hack/setup.sh network; fi
      ;;
    failover | chaos)
      local_cluster "$1"
      export AIDC_TRAINER_IMAGE=${IMAGE_PREFIX:-localhost}/aidc-trainer:${IMAGE_TAG:-dev}
      ;;
    serving)
      hack/setup.sh base collectives native pytorch
      # A server beside its client needs no cluster, and is measured without one.
      if [ "${AIDC_SERVING_PARTS:-}" != server ]; then local_cluster "$1"; fi
      ;;
    training)
      [ -z "${KUBECONFIG:-}" ] || [ -n "${AIDC_LOCAL_KUBECONFIG:-}" ] ||
        die "training is measured on the local cluster, whose nodes share this machine's disk: unset KUBECONFIG"
      hack/setup.sh base collectives native cluster images pytorch
      hack/cluster.sh up
      use_kube_bin
      hack/image.sh trainer
      KUBECONFIG=$(hack/cluster.sh kubeconfig)
      export KUBECONFIG AIDC_LOCAL_KUBECONFIG=1
      export AIDC_TRAINER_IMAGE=${IMAGE_PREFIX:-localhost}/aidc-trainer:${IMAGE_TAG:-dev}
      ;;
  esac
}

hack/setup.sh base collectives native
dotnet build tests/AiDc.Benchmarks -c Release --nologo -v q
if [ -n "${1:-}" ]; then
  names=$1
else
  names=$(hack/benchmarks.sh --list)
fi
# What a variable asks for wrongly is said now, not after minutes of preparation.
for name in $names; do hack/benchmarks.sh --check "$name"; done
for name in $names; do
  (prepare "$name" && hack/benchmarks.sh "$name")
done
