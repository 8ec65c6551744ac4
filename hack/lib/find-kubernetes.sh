# shellcheck shell=bash
# Which Kubernetes binaries to use. Source after common.sh.
#
# The contract, the same for scripts and tests: AIDC_KUBE_BIN, else KUBEBUILDER_ASSETS (envtest's convention), else the
# cache folder that setup.sh fills. etcd may lie there too or be on the PATH.

kube_bin() { printf '%s\n' "${AIDC_KUBE_BIN:-${KUBEBUILDER_ASSETS:-$KUBE_CACHE}}"; }

# find_kube_program <program>: its path, from the folder or the PATH; fails when it is in neither.
find_kube_program() {
  local folder
  folder=$(kube_bin)
  if [ -x "$folder/$1" ]; then
    printf '%s\n' "$folder/$1"
  else
    command -v "$1"
  fi
}

# missing_kube_programs <program…>: those that are nowhere, one a line.
missing_kube_programs() {
  local program
  for program in "$@"; do
    find_kube_program "$program" >/dev/null || printf '%s\n' "$program"
  done
}
