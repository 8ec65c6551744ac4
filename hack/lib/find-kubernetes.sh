# shellcheck shell=bash
# Which Kubernetes binaries to use. Source after common.sh.
#
# The contract, the same for scripts and tests: AIDC_KUBE_BIN, else KUBEBUILDER_ASSETS (envtest's convention), else the
# cache folder that setup.sh fills. etcd and kubectl may lie there too or be on the PATH.
#   AIDC_KUBE_SOURCE   release (official binaries of a current version) or debian (an old one, built from Debian's source);
#                      unset: what the cache holds, else release where its server is reached, else debian

kube_bin() {
  if [ -n "${AIDC_KUBE_BIN:-}${KUBEBUILDER_ASSETS:-}" ]; then
    printf '%s\n' "${AIDC_KUBE_BIN:-$KUBEBUILDER_ASSETS}"
  else
    kube_cache
  fi
}

kube_cache() {
  case ${AIDC_KUBE_SOURCE:-} in
    release) printf '%s\n' "$KUBE_RELEASE_CACHE" ;;
    debian) printf '%s\n' "$KUBE_CACHE" ;;
    '') if [ -x "$KUBE_RELEASE_CACHE/kube-apiserver" ]; then printf '%s\n' "$KUBE_RELEASE_CACHE"; else printf '%s\n' "$KUBE_CACHE"; fi ;;
    *) die "AIDC_KUBE_SOURCE=$AIDC_KUBE_SOURCE: want release or debian" ;;
  esac
}

# Where the binaries are: here, or where they have to come from: release or debian.
kube_origin() {
  local folder
  folder=$(kube_bin) || return
  if [ -n "${AIDC_KUBE_BIN:-}${KUBEBUILDER_ASSETS:-}" ] || [ -x "$folder/kube-apiserver" ]; then
    printf 'here\n'
  elif [ -n "${AIDC_KUBE_SOURCE:-}" ]; then
    printf '%s\n' "$AIDC_KUBE_SOURCE"
  elif release_is_reached; then
    printf 'release\n'
  else
    printf 'debian\n'
  fi
}

release_mirror() { local mirror=${AIDC_KUBE_MIRROR:-https://dl.k8s.io/release}; printf '%s\n' "${mirror%/}"; }

release_architecture() {
  case $(uname -m) in
    x86_64) printf 'amd64\n' ;;
    aarch64) printf 'arm64\n' ;;
    *) return 1 ;;
  esac
}

release_is_reached() {
  local architecture
  architecture=$(release_architecture) && have curl &&
    curl -fsSL -o /dev/null --connect-timeout 5 --max-time 15 "$(release_mirror)/$KUBE_RELEASE/bin/linux/$architecture/kubelet.sha256" 2>/dev/null
}

# What lies in that folder goes before the PATH's in all that is started from here: a kubectl and a server that belong together.
use_kube_bin() {
  local folder
  folder=$(kube_bin)
  case :$PATH: in
    *":$folder:"*) ;;
    *) if [ -x "$folder/kubectl" ]; then export PATH="$folder:$PATH"; fi ;;
  esac
}

# find_kube_program <program>: its path, from the folder or the PATH; fails when it is in neither.
find_kube_program() {
  local folder
  folder=$(kube_bin)
  if [ -x "$folder/$1" ]; then
    printf '%s\n' "$folder/$1"
  else
    type -P "$1"
  fi
}

# The helm of the PATH, else the one that setup.sh fetched; fails when there is neither.
find_helm() { type -P helm || { [ -x "$HELM_CACHE/helm" ] && printf '%s\n' "$HELM_CACHE/helm"; }; }

# missing_kube_programs <program…>: those that are nowhere, one a line.
missing_kube_programs() {
  local program
  for program in "$@"; do
    find_kube_program "$program" >/dev/null || printf '%s\n' "$program"
  done
}
