#!/usr/bin/env bash
# What was run, and on which versions. hack/test.sh writes it after each run; the table of docs/versions.md is made of what was kept.
#   versions.sh write <results> [file]    what a run of the tests was made of and how it ended; default artifacts/versions.json, and
#                                         the same as a table next to it (.md)
#   versions.sh keep [file]               takes that into docs/versions.json, in the place of what is there of the same Kubernetes
#                                         version, suite by suite, and renders docs/versions.md
#   versions.sh table|page <file>         the table, or the page, of such a file, to standard output
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
use_kube_bin

first_version() { grep -oE 'v?[0-9]+\.[0-9]+(\.[0-9]+)?' | head -n 1 | sed 's/^v//'; }

# version_of <program> <argument…>: nothing where it is not there.
version_of() { { "$@" 2>/dev/null || true; } | first_version || true; }

programs() {
  local helm crd_server=
  helm=$(find_helm) || helm=helm
  for folder in "$CACHE"/crd-server/v*/; do [ ! -x "$folder/crd-server" ] || crd_server=$(basename "$folder"); done
  jq -n --arg kubernetes "$(version_of "$(find_kube_program kube-apiserver || echo kube-apiserver)" --version)" \
    --arg etcd "$(version_of "$(find_kube_program etcd || echo etcd)" --version)" \
    --arg kubectl "$(version_of kubectl version --client)" --arg helm "$(version_of "$helm" version --short)" \
    --arg crds "${crd_server#v}" --arg containerd "$(version_of containerd --version)" --arg runc "$(version_of runc --version)" \
    --arg dotnet "$(version_of dotnet --version)" --arg system "$(. /etc/os-release && printf '%s\n' "${PRETTY_NAME:-}")" \
    --arg kernel "$(uname -r | first_version)" \
    '{kubernetes: $kubernetes, etcd: $etcd, kubectl: $kubectl, helm: $helm, "CRD machinery": $crds, containerd: $containerd, runc: $runc, ".NET": $dotnet,
      system: $system, kernel: $kernel} | with_entries(select(.value != ""))'
}

# The files of results that each suite leaves.
files_of() {
  case $1 in
    lint) printf '%s\n' lint.tap scripts.tap downloads.tap versions.tap ;;
    unit | integration) printf '%s\n' "*-$1.trx" "*-$1.exit" ;;
    e2e) printf '%s\n' cluster.tap chart.tap e2e.tap '*-e2e.trx' '*-e2e.exit' ;;
  esac
}

# {"unit": {"passed": 1, "failed": 0, "skipped": 0}, …}: of the suites that left results.
suites() {
  local suite pattern file part counts
  for suite in lint unit integration e2e; do
    part=$(mktemp -d)
    while read -r pattern; do
      for file in "$1"/$pattern; do [ ! -e "$file" ] || cp "$file" "$part/"; done
    done < <(files_of "$suite")
    if [ -n "$(ls -A "$part")" ]; then
      counts=$({ "$ROOT/hack/test-results.sh" "$part" || true; } | tail -n 1)
      jq -n --arg suite "$suite" --arg counts "$counts" \
        '{($suite): ($counts | capture("(?<passed>\\d+) passed, (?<failed>\\d+) failed, (?<skipped>\\d+) skipped") | map_values(tonumber))}'
    fi
    rm -rf "$part"
  done | jq -s 'add // {}'
}

write() {
  local results=$1 file=${2:-$ROOT/artifacts/versions.json}
  [ -d "$results" ] || die "no folder of results: $results"
  mkdir -p "$(dirname "$file")"
  # The tests on a real cluster may have run on another version than that of the binaries here.
  jq -n --argjson programs "$(programs)" --argjson suites "$(suites "$results")" --arg commit "$(git -C "$ROOT" rev-parse --short HEAD 2>/dev/null || true)" \
    --arg date "$(date -u +%Y-%m-%d)" --arg cluster "$(first_version 2>/dev/null <"$results/e2e.kubernetes" || true)" \
    '($programs.kubernetes // "none") as $here | (if $cluster == "" then $here else $cluster end) as $there |
      [$suites | to_entries[] | .value += {commit: $commit, date: $date} | {kubernetes: (if .key == "e2e" then $there else $here end), suites: {(.key): .value}}] |
      group_by(.kubernetes) | map({kubernetes: .[0].kubernetes, suites: (map(.suites) | add),
        programs: ($programs | del(.kubernetes) | if $there == $here then . else with_entries(select(.key | IN("helm", "kubectl", ".NET", "system", "kernel"))) end)})' >"$file.tmp"
  mv "$file.tmp" "$file"
  table "$file" >"${file%.json}.md"
}

table() {
  jq -r '
    def cell: if . == null then "not run" else "\(.passed) passed\(if .failed > 0 then ", **\(.failed) failed**" else "" end)\(if .skipped > 0 then ", \(.skipped) skipped" else "" end) (\(.date), \(.commit))" end;
    "| Kubernetes | scripts | unit | real API server | real cluster | with |", "|---|---|---|---|---|---|",
    (sort_by(.kubernetes | split(".") | map(tonumber? // 0))[] |
      "| \(.kubernetes) | \(.suites.lint | cell) | \(.suites.unit | cell) | \(.suites.integration | cell) | \(.suites.e2e | cell) | \(.programs | to_entries | map("\(.key) \(.value)") | join(", ")) |")' "$1"
}

page() {
  cat <<'MD'
# What was run, on which versions

Rendered by `hack/versions.sh keep` from what runs of `make test` wrote to `artifacts/versions.json`; docs/versions.json holds it. A row is one version of Kubernetes: that of the API server of the tests and of the local cluster. What is not in a row was not run there.

MD
  table "$1"
}

keep() {
  local file=${1:-$ROOT/artifacts/versions.json} docs=${AIDC_VERSIONS:-$ROOT/docs/versions.json}
  [ -e "$file" ] || die "$file is not there: make test writes it"
  [ -e "$docs" ] || echo '[]' >"$docs"
  jq -s '.[0] as $kept | .[1] as $new | ($new | map(.kubernetes)) as $names |
    ($kept | map(select(.kubernetes as $k | $names | index($k) | not))) +
    ($new | map(. as $run | ($kept | map(select(.kubernetes == $run.kubernetes))[0] // {}) as $old |
      {kubernetes: $run.kubernetes, suites: (($old.suites // {}) + $run.suites), programs: (($old.programs // {}) + $run.programs)})) |
    sort_by(.kubernetes | split(".") | map(tonumber? // 0))' "$docs" "$file" >"$docs.tmp"
  mv "$docs.tmp" "$docs"
  page "$docs" >"${docs%.json}.md"
}

case ${1:-} in
  write) write "${2:?versions.sh write <results> [file]}" "${@:3}" ;;
  keep) keep "${@:2}" ;;
  table) table "${2:?versions.sh table <file>}" ;;
  page) page "${2:?versions.sh page <file>}" ;;
  *) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
esac
