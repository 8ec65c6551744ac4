#!/usr/bin/env bash
# Makes the root file system of a small Debian 13 as a tar file, where no registry is reached: debian.sh <file>.
# curl is in it for the tests that run in pods; certificates and OpenSSL are what .NET needs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"

target=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/aidc-debian.XXXXXX")
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase --include=ca-certificates,curl,libssl3t64,libstdc++6,locales trixie "$work/root" \
  "$(debian_mirror)"
cd "$work/root"
# What ONNX Runtime's operators on text ask for (3 MB), made by the C library that reads it. Of the package nothing else is kept.
chroot . localedef -i en_US -f UTF-8 --no-archive en_US.UTF-8
rm -rf usr/share/i18n usr/share/{doc,man,locale,info,lintian,bash-completion} var/lib/apt/lists/* var/cache/apt/* \
  var/cache/debconf/*-old var/cache/ldconfig/* var/log/* etc/resolv.conf etc/hostname
tar --sort=name --mtime=@0 --numeric-owner -cf "$target.tmp" .
mv "$target.tmp" "$target"
