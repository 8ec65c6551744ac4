#!/usr/bin/env bash
# Runs tests and counts them: test.sh [lint] [unit] [integration] [e2e]. Sets up what they need; ends with
# "N passed, N failed, N skipped" and fails when anything failed or nothing ran.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"

RESULTS=$ROOT/artifacts/test-results
CONFIGURATION=${CONFIGURATION:-Release}

# A test that is no .NET test, in the Test Anything Protocol: report <file> <ok|not ok> <name>
report() { printf '%s - %s\n' "$2" "$3" >>"$RESULTS/$1.tap"; }

# check <file> <name> <program> [argument…]: one such test, which passes when the program does.
check() {
  local file=$1 name=$2
  shift 2
  if "$@"; then report "$file" ok "$name"; else report "$file" 'not ok' "$name"; fi
}

lint() {
  "$ROOT/hack/setup.sh" base lint || return
  check lint "shell scripts pass shellcheck" shellcheck "$ROOT"/hack/*.sh "$ROOT"/hack/*/*.sh \
    "$ROOT/.ci/run"
  "$ROOT/hack/test-scripts.sh" >"$RESULTS/scripts.tap" || report lint 'not ok' "the tests of the scripts ran to their end"
  "$ROOT/hack/test-versions.sh" >"$RESULTS/versions.tap" || report lint 'not ok' "the tests of the table of versions ran to their end"
  "$ROOT/hack/test-downloads.sh" >"$RESULTS/downloads.tap" || report lint 'not ok' "the tests of downloads ran to their end"
}

# All tests after this use the same Kubernetes binaries, and the helm, that the scripts use.
use_found_programs() {
  AIDC_KUBE_BIN=$(kube_bin)
  export AIDC_KUBE_BIN
  use_kube_bin
}

# The tests of the chart ask helm; where none is to be had they say so and are skipped.
use_helm() {
  "$ROOT/hack/setup.sh" helm || { say "NO HELM: the chart is not tested"; return 0; }
  AIDC_HELM=$(find_helm)
  export AIDC_HELM
}

build() {
  "$ROOT/hack/setup.sh" base collectives native || return
  say "building"
  dotnet build "$ROOT/AiDc.sln" -c "$CONFIGURATION" -m:2 --nologo -v q || die "the build failed"
}

# dotnet_tests <suite> <project> [filter]
dotnet_tests() {
  local suite=$1 project=$2 name status=0
  name=$(basename "$project")
  say "== $name ($suite)"
  "$ROOT/hack/dotnet.sh" test "$project" -c "$CONFIGURATION" --no-build --nologo --results-directory "$RESULTS" \
    --logger "trx;LogFileName=$name-$suite.trx" --logger "console;verbosity=minimal" ${3:+--filter "$3"} || status=$?
  # A test host that crashed may have left results without a failure.
  if [ "$status" -ne 0 ]; then echo "$status" >"$RESULTS/$name-$suite.exit"; fi
}

test_projects() { find "$ROOT/tests" -mindepth 2 -maxdepth 2 -name '*.Tests.csproj' -printf '%h\n' | sort; }

unit() {
  build || return
  use_helm
  "$ROOT/hack/test-benchmarks.sh" >"$RESULTS/benchmarks.tap" || report unit 'not ok' "the tests of the benchmarks' arguments ran to their end"
  local project
  while read -r project <&3; do dotnet_tests unit "$project" 'TestCategory!=Integration'; done 3< <(test_projects)
}

integration() {
  build || return
  "$ROOT/hack/setup.sh" controlplane || return
  "$ROOT/hack/setup.sh" crdserver || return
  use_found_programs
  use_helm
  # Only root may make network namespaces; without them those tests say that they were skipped.
  if [ "$(id -u)" -eq 0 ]; then "$ROOT/hack/setup.sh" network || return; fi
  "$ROOT/hack/setup.sh" s3 || say "no S3 server: the tests that need one are skipped"
  local project
  while read -r project <&3; do
    if grep -rqs --include='*.cs' 'Category("Integration")' "$project"; then
      dotnet_tests integration "$project" 'TestCategory=Integration'
    fi
  done 3< <(test_projects)
}

e2e() {
  build || return
  local was_running=0
  if "$ROOT/hack/cluster.sh" is-up; then was_running=1; fi
  if [ "$was_running" -eq 1 ] || [ -n "${KUBECONFIG:-}" ]; then
    report cluster ok "the local cluster's scripts # SKIP a cluster is in use: make cluster-down, unset KUBECONFIG"
  else
    "$ROOT/hack/test-cluster.sh" | tee "$RESULTS/cluster.tap"
    if [ "${PIPESTATUS[0]}" -ne 0 ]; then report cluster 'not ok' "the test of the cluster's scripts ran to its end"; fi
  fi
  [ -d "$ROOT/tests/AiDc.EndToEnd" ] || return 0
  if "$ROOT/hack/cluster.sh" up && "$ROOT/hack/image.sh" operator trainer tools; then
    (
      use_kube_bin
      KUBECONFIG=$("$ROOT/hack/cluster.sh" kubeconfig)
      export KUBECONFIG
      kubectl version -o json 2>/dev/null | jq -r '.serverVersion.gitVersion // ""' >"$RESULTS/e2e.kubernetes"
      release_life
      if "$ROOT/hack/install.sh"; then
        dotnet_tests e2e "$ROOT/tests/AiDc.EndToEnd"
        # Where it may cut the power of nodes.
        if "$ROOT/hack/cluster.sh" is-up; then
          check e2e "a training survives two minutes of chaos and its ledger is exact" \
            env -u KUBECONFIG CHAOS_MINUTES=2 "$ROOT/hack/bench.sh" chaos
        fi
        "$ROOT/hack/install.sh" remove || report e2e 'not ok' "the operator can be removed after the tests"
      else
        report e2e 'not ok' "the operator installs and becomes ready"
      fi
    )
  else
    report e2e 'not ok' "a cluster and images for the end to end tests"
  fi
  [ "$was_running" -eq 1 ] || "$ROOT/hack/cluster.sh" down || report e2e 'not ok' "the cluster goes down after the tests"
}

# On the local cluster alone: it takes the definitions away again, and with them all jobs.
release_life() {
  if ! "$ROOT/hack/cluster.sh" is-up; then
    report chart ok "a release of the chart # SKIP only on the local cluster"
  elif [ -n "$(kubectl get crd trainingjobs.aidc.dev --ignore-not-found -o name)" ]; then
    report chart ok "a release of the chart # SKIP an operator is installed already: hack/install.sh remove"
  elif ! "$ROOT/hack/setup.sh" helm; then
    report chart ok "a release of the chart # SKIP no helm is to be had"
  else
    "$ROOT/hack/test-chart.sh" | tee "$RESULTS/chart.tap"
    if [ "${PIPESTATUS[0]}" -ne 0 ]; then report chart 'not ok' "the test of the chart's release ran to its end"; fi
  fi
}

[ $# -gt 0 ] || set -- lint unit integration e2e
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
for suite in "$@"; do
  case $suite in
    # A suite of its own shell: what it cannot set up ends it, not the suites after it.
    lint | unit | integration | e2e) ("$suite") || report suites 'not ok' "suite $suite ran to its end" ;;
    *) die "unknown suite '$suite'; the suites: lint unit integration e2e" ;;
  esac
done
"$ROOT/hack/versions.sh" write "$RESULTS" || report suites 'not ok' "what was run is written to artifacts/versions.json"
"$ROOT/hack/test-results.sh" "$RESULTS"
