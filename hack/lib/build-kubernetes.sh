#!/usr/bin/env bash
# Builds the Kubernetes binaries from Debian's source package into the cache folder: build-kubernetes.sh <folder>.
# Debian ships no kube-apiserver binary; its source package of bookworm is the whole tree with the vendored modules, so
# nothing but the Debian archive is needed. `make` and not a plain `go build`: the latter misses the generated OpenAPI.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

target=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/aidc-kubernetes.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
# As the unprivileged _apt user apt cannot write here; the download is checked against the signed lists all the same.
apt-get source -q --download-only -o APT::Sandbox::User=root -t bookworm kubernetes
tar -xzf kubernetes_*.orig.tar.gz
# The tree's copy of reflect2 (1.0.1) misreads Go's maps from Go 1.18 on: the API server would crash at the first custom
# resource with annotations. Debian packages the fixed 1.0.2.
apt-get download -q -o APT::Sandbox::User=root golang-github-modern-go-reflect2-dev
dpkg-deb -x golang-github-modern-go-reflect2-dev_*.deb "$work/reflect2"
cd "$(find . -mindepth 1 -maxdepth 1 -type d -name 'kubernetes*')"
vendored=vendor/github.com/modern-go/reflect2
rm -f $vendored/*.go $vendored/*.s
cp "$work"/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} $vendored/
rm -f $vendored/*_test.go

cat >"$work/version" <<END
KUBE_GIT_COMMIT='faecb196815e248d3ecfb03c680a4507229c2a56'
KUBE_GIT_TREE_STATE='archive'
KUBE_GIT_VERSION='$KUBE_VERSION_LOCAL'
KUBE_GIT_MAJOR='1'
KUBE_GIT_MINOR='20'
END
programs=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy)
env -u GO111MODULE -u GOFLAGS GOPATH="$work/go" GOCACHE="$work/gocache" KUBE_GIT_VERSION_FILE="$work/version" \
  make GOLDFLAGS="-s -w" WHAT="${programs[*]/#/cmd/}"

mkdir -p "$(dirname "$target")"
part=$(mktemp -d "$target.XXXXXX")
for program in "${programs[@]}"; do cp "_output/local/go/bin/$program" "$part/"; done
chmod 755 "$part"
rm -rf "$target"
mv "$part" "$target"
