#!/usr/bin/env bash
# Tests how a benchmark is asked for what it does not have. Prints "ok - …" and "not ok - …" lines; needs them to be built.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

# answers <sentence> <exit code wanted> <text wanted> <command…>: what it says is one line with that text.
answers() {
  local sentence=$1 wanted=$2 text=$3 output status=0
  shift 3
  output=$("$@" 2>&1) || status=$?
  if [ "$status" -eq "$wanted" ] && [ "$(grep -c . <<<"$output")" -le 1 ] && grep -qF -- "$text" <<<"$output"; then
    printf 'ok - benchmarks: %s\n' "$sentence"
  else
    printf 'not ok - benchmarks: %s\n' "$sentence"
    say "wanted exit code $wanted and '$text', got $status and: $output"
  fi
}

check=("$ROOT/hack/benchmarks.sh" --check)
answers "a list of parts takes commas" 0 '' env AIDC_SERVING_PARTS=server,zero "${check[@]}" serving
answers "a list of parts takes spaces" 0 '' env AIDC_SERVING_PARTS='server zero' "${check[@]}" serving
answers "a list of parts takes commas and spaces" 0 '' env AIDC_FAILOVER_PARTS=' stock, trials ' "${check[@]}" failover
answers "a part that is not there is a sentence that names those that are" 2 \
  "AIDC_SERVING_PARTS names 'serve', which is none of its parts: server, failures, gateways, zero, constant" \
  env AIDC_SERVING_PARTS=server,serve "${check[@]}" serving
answers "a benchmark that is not there is a sentence that names those that are" 2 'which benchmark? one of: reconcile' "${check[@]}" nothing
