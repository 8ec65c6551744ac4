#!/usr/bin/env bash
# Tests what docs/versions.md is made with. Prints "ok - …" and "not ok - …" lines.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export AIDC_VERSIONS=$work/docs.json

# test_that <sentence> <command…>: one test, passed when the command succeeds. Its output is shown when it does not.
test_that() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok - versions: %s\n' "$sentence"
  else
    printf 'not ok - versions: %s\n' "$sentence"
    say "$* => $output"
  fi
}

says() { grep -qE "$2" "$1" || { cat "$1"; return 1; }; }
holds() { jq -e "$2" "$1" >/dev/null || { cat "$1"; return 1; }; }
rows() { [ "$(grep -cE '^\| [0-9]' "$1")" -eq "$2" ] || { cat "$1"; return 1; }; }

trx() { printf '<TestRun><Counters total="%d" executed="%d" passed="%d" failed="%d" /></TestRun>\n' "$1" "$2" "$3" "$4"; }

# A folder of Kubernetes binaries of that version.
binaries() {
  mkdir -p "$work/bin"
  printf '#!/bin/sh\necho Kubernetes v%s\n' "$1" >"$work/bin/kube-apiserver"
  chmod +x "$work/bin/kube-apiserver"
}

run() { KUBEBUILDER_ASSETS=$work/bin AIDC_KUBE_BIN='' "$ROOT/hack/versions.sh" "$@"; }

mkdir "$work/results"
binaries 1.20.2
trx 5 5 5 0 >"$work/results/A.Tests-unit.trx"
trx 4 3 2 1 >"$work/results/A.Tests-integration.trx"
printf 'ok - a\nok - b # SKIP no reason\n' >"$work/results/chart.tap"
echo v1.30.4 >"$work/results/e2e.kubernetes"
test_that "a run is written" run write "$work/results" "$work/run.json"
test_that "each suite is counted" holds "$work/run.json" \
  'map(select(.kubernetes == "1.20.2"))[0].suites | .unit.passed == 5 and .integration == (.integration + {passed: 2, failed: 1, skipped: 1})'
test_that "what ran on a cluster of another version is a row of that one" holds "$work/run.json" \
  'map(select(.kubernetes == "1.30.4"))[0] | .suites.e2e.passed == 1 and (.suites | has("unit") | not) and (.programs | has("etcd") | not)'
test_that "its table says what did not run" says "$work/run.md" '^\| 1\.30\.4 \| not run \| not run \| not run \| 1 passed, 1 skipped '
test_that "and what failed" says "$work/run.md" '^\| 1\.20\.2 \| not run \| 5 passed .*\*\*1 failed\*\*'

run keep "$work/run.json"
rm "$work/results"/*
binaries 1.36.2
trx 7 7 7 0 >"$work/results/A.Tests-unit.trx"
run write "$work/results" "$work/run.json"
run keep "$work/run.json"
test_that "a run on another version is kept next to it, the older first" rows "$work/docs.md" 3
binaries 1.20.2
trx 4 4 4 0 >"$work/results/A.Tests-integration.trx"
rm "$work/results/A.Tests-unit.trx"
run write "$work/results" "$work/run.json"
run keep "$work/run.json"
test_that "a suite that ran again takes the place of what it was" says "$work/docs.md" '^\| 1\.20\.2 \| not run \| 5 passed [^*]*\| 4 passed '
test_that "in no row of its own" rows "$work/docs.md" 3
test_that "docs/versions.md is what docs/versions.json renders to" diff <("$ROOT/hack/versions.sh" page "$ROOT/docs/versions.json") "$ROOT/docs/versions.md"
