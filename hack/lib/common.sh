# shellcheck shell=bash
# Shared by every script under hack/: where things lie, how to speak, how to show progress. Source it, do not run it.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=$HOME/.cache/aidc
# What Debian's source package builds, and what is fetched where the release servers are reached.
KUBE_VERSION_LOCAL=v1.20.2
KUBE_CACHE=$CACHE/kubernetes/$KUBE_VERSION_LOCAL
KUBE_RELEASE=v1.36.2
ETCD_RELEASE=v3.5.30
KUBE_RELEASE_CACHE=$CACHE/kubernetes/$KUBE_RELEASE
HELM_CACHE=$CACHE/helm/v4.1.4
export ROOT CACHE KUBE_VERSION_LOCAL KUBE_CACHE KUBE_RELEASE ETCD_RELEASE KUBE_RELEASE_CACHE HELM_CACHE

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# The Debian mirror that this machine already uses: whoever set it up knows which one is reached.
debian_mirror() {
  local mirror
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -n 1 | tr -d ' ') || true
  [ -n "$mirror" ] || die "no Debian mirror in /etc/apt/sources.list and sources.list.d: add one"
  printf '%s\n' "${mirror%/}"
}

# One line that ticks on a terminal, a line each 15 s elsewhere, until it is killed or its script is gone.
tick() {
  local what=$1 owner=$2 start=$SECONDS
  while kill -0 "$owner" 2>/dev/null; do
    if [ -t 2 ]; then
      printf '\r\033[K%s … %d s' "$what" $((SECONDS - start)) >&2
      sleep 1
    else
      sleep 15
      say "$what … $((SECONDS - start)) s"
    fi
  done
}

# with_progress <what is being done> <log file> <program> [argument…]
# Runs the program with its output in the log and shows the seconds gone by; on failure the end of the log is shown.
# Give it a program, not a function: a shell function called so would run on after an error of its own.
# File descriptors 7, 8 and 9 are locks of our scripts; compiler servers and the like must not inherit them.
with_progress() {
  local what=$1 log=$2 start=$SECONDS ticker status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  tick "$what" $$ </dev/null 7>&- 8>&- 9>&- &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null 7>&- 8>&- 9>&- || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  if [ "$status" -ne 0 ]; then
    say "$what: failed after $((SECONDS - start)) s (exit code $status); the end of $log:"
    tail -n 25 "$log" >&2
    return "$status"
  fi
  say "$what: done in $((SECONDS - start)) s"
}
