#!/usr/bin/env bash
# Sums up a folder of test results: test-results.sh <folder>. Reads TRX files (.NET), TAP files (scripts) and *.exit files
# (a test run that ended badly). Names what failed; the last line is "N passed, N failed, N skipped"; exits with 1 when
# anything failed or nothing ran.
set -euo pipefail

folder=${1:?test-results.sh <folder>}
shopt -s nullglob
passed=0 failed=0 skipped=0

# <Counters total="7" executed="6" passed="5" failed="1" … />; skipped ones are counted as not executed by subtraction,
# since the attribute for them stays 0 with some test adapters.
counter() { sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }

for file in "$folder"/*.trx; do
  total=$(counter total "$file") good=$(counter passed "$file") bad=0
  for kind in failed error timeout aborted; do
    count=$(counter "$kind" "$file")
    bad=$((bad + ${count:-0}))
  done
  if [ -z "$total" ]; then
    printf 'FAILED: %s holds no result\n' "$(basename "$file")"
    bad=1 good=0 total=1
  fi
  passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + total - good - bad))
  sed -n 's/.*<UnitTestResult [^>]*testName="\([^"]*\)".*outcome="Failed".*/FAILED: \1/p' "$file"
  if [ -e "${file%.trx}.exit" ] && [ "$bad" -eq 0 ]; then
    printf 'FAILED: %s ended with exit code %s\n' "$(basename "${file%.trx}")" "$(cat "${file%.trx}.exit")"
    failed=$((failed + 1))
  fi
done

for file in "$folder"/*.exit; do
  if [ ! -e "${file%.exit}.trx" ]; then
    printf 'FAILED: %s left no results, exit code %s\n' "$(basename "${file%.exit}")" "$(cat "$file")"
    failed=$((failed + 1))
  fi
done

for file in "$folder"/*.tap; do
  while IFS= read -r line; do
    case $line in
      'ok '*'# SKIP'*) skipped=$((skipped + 1)); printf 'skipped: %s\n' "${line#ok - }" ;;
      'ok '*) passed=$((passed + 1)) ;;
      'not ok '*) failed=$((failed + 1)); printf 'FAILED: %s\n' "${line#not ok - }" ;;
    esac
  done <"$file"
done

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ] && [ $((passed + failed)) -gt 0 ]
