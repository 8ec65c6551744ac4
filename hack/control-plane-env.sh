#!/usr/bin/env bash
# Prints the folder with kube-apiserver, kube-controller-manager and etcd that tests use: AIDC_KUBE_BIN, else
# KUBEBUILDER_ASSETS, else the cache that `make setup` fills. Exits with 1 and says what is missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"

missing=$(missing_kube_programs kube-apiserver etcd | paste -sd' ')
[ -z "$missing" ] || die "not in $(kube_bin) and not on the PATH: $missing; run make setup"
kube_bin
