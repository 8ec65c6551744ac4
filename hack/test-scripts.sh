#!/usr/bin/env bash
# Tests what the other tests are counted with. Prints "ok - …" and "not ok - …" lines.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# counts <sentence> <last line wanted> <exit code wanted>: of the results in $work/results, which are then removed.
counts() {
  local output status=0
  output=$("$ROOT/hack/test-results.sh" "$work/results") || status=$?
  if [ "$(tail -n 1 <<<"$output")" = "$2" ] && [ "$status" -eq "$3" ]; then
    printf 'ok - counting: %s\n' "$1"
  else
    printf 'not ok - counting: %s\n' "$1"
    say "wanted '$2' and exit code $3, got exit code $status and: $output"
  fi
  rm -rf "$work/results"
  mkdir "$work/results"
}

trx() {
  printf '<TestRun><Counters total="%d" executed="%d" passed="%d" failed="%d" error="0" timeout="0" notExecuted="0" /></TestRun>\n' \
    "$1" "$2" "$3" "$4"
}

mkdir "$work/results"
counts "nothing that ran is a failure" "0 passed, 0 failed, 0 skipped" 1
trx 7 3 3 0 >"$work/results/a.trx"
counts "tests that did not run are skipped" "3 passed, 0 failed, 4 skipped" 0
trx 5 5 3 2 >"$work/results/a.trx"
trx 1 1 1 0 >"$work/results/b.trx"
counts "projects are summed and a failure fails" "4 passed, 2 failed, 0 skipped" 1
trx 2 2 2 0 >"$work/results/a.trx"
echo 134 >"$work/results/a.exit"
counts "a run that crashed after its tests is a failure" "2 passed, 1 failed, 0 skipped" 1
echo 1 >"$work/results/a.exit"
counts "a run without results is a failure" "0 passed, 1 failed, 0 skipped" 1
echo '<TestRun>' >"$work/results/a.trx"
counts "a file cut short is a failure" "0 passed, 1 failed, 0 skipped" 1
printf 'ok - a\nnot ok - b\nok - c # SKIP because\n' >"$work/results/a.tap"
counts "scripts' tests count too" "1 passed, 1 failed, 1 skipped" 1
