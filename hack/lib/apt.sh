# shellcheck shell=bash
# Installing Debian packages by capability. Source after common.sh.
#
# Callers say what is missing and which package brings it (want_package), then install_wanted does it in one go, or,
# where this user or machine cannot, names every missing piece and stops.

WANTED_PACKAGES=()
WANTED_REASONS=()

can_install() { [ "$(id -u)" -eq 0 ] && have apt-get; }

# want_package <package> <why>
want_package() {
  WANTED_PACKAGES+=("$1")
  WANTED_REASONS+=("$1: $2")
}

# want_program <program> <package> <why>: wants the package unless the program is there.
want_program() { have "$1" || want_package "$2" "program $1 is missing; $3"; }

# want_file <file> <package> <why>
want_file() { [ -e "$1" ] || want_package "$2" "file $1 is missing; $3"; }

# A line of its own in the sources, naming its suite: what /etc/os-release says may change under us (base-files).
# add_source <name> <type> <suite>
add_source() {
  local file=/etc/apt/sources.list.d/aidc-$1.sources
  [ -e "$file" ] && return
  local mirror
  mirror=$(debian_mirror)
  printf 'Types: %s\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$2" "$mirror" "$3" /usr/share/keyrings/debian-archive-keyring.gpg >"$file.tmp"
  mv "$file.tmp" "$file"
  APT_LISTS_FRESH=
}

APT_LISTS_FRESH=
refresh_lists() {
  [ -n "$APT_LISTS_FRESH" ] && return
  # A source that is of no concern here may be out of reach; what is really missing, the installation will say.
  with_progress "reading package lists" "$CACHE/log/apt-update.log" apt-get update -q || say "going on without those lists"
  APT_LISTS_FRESH=1
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive with_progress "installing ${!#}${3:+ and others}" "$CACHE/log/apt-install.log" \
    apt-get install -q -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

# Packages start their services when installed (etcd, containerd); we start our own with our own settings, so forbid it
# for as long as the installation lasts, the Debian way.
without_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
  "$@" || status=$?
  rm -f "$policy"
  return "$status"
}

install_wanted() {
  [ ${#WANTED_PACKAGES[@]} -eq 0 ] && return
  say "missing on this machine:"
  printf '  %s\n' "${WANTED_REASONS[@]}" >&2
  can_install || die "install the packages above (this script does so itself as root where apt-get is there)"
  refresh_lists || return
  without_services apt_install "${WANTED_PACKAGES[@]}" || return
  WANTED_PACKAGES=()
  WANTED_REASONS=()
}
