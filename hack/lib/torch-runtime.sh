# shellcheck shell=bash
# A .NET runtime that can load TorchSharp where the machine's C++ library is too old for it. Source after common.sh and apt.sh.
#
# libLibTorchSharp.so is built with GCC 13 and asks for GLIBCXX_3.4.32, and the libstdc++ that has it asks for glibc 2.38. On
# an older system (Debian 12) the machine's own libraries stay as they are: three packages of Debian 13 are unpacked into the
# cache folder, and a copy of the `dotnet` program there names their loader and their folder (patchelf). The choice is the
# program's own, not an environment variable's, so what it starts runs with the machine's libraries again. Its SDK and shared
# framework are hard links to the installed ones where that is possible (symbolic ones would lead the SDK back to the installed
# program), else copies. To undo: remove the folder.

TORCH_RUNTIME=$CACHE/torch-runtime

# libLibTorchSharp.so asks for this symbol version.
has_new_libstdcxx() {
  local file
  file=$(ldconfig -p | awk '/libstdc\+\+\.so\.6 .*x86-64/ {print $NF; exit}')
  [ -n "$file" ] && grep -qa 'GLIBCXX_3\.4\.32' "$file"
}

installed_dotnet() { readlink -f "$(command -v dotnet)"; }

# dotnet_for_torch: the path of the program to use.
dotnet_for_torch() {
  if has_new_libstdcxx; then installed_dotnet; else printf '%s\n' "$TORCH_RUNTIME/dotnet/dotnet"; fi
}

installed_sdk() { sha256sum "$(installed_dotnet)"; dotnet --list-sdks; dotnet --list-runtimes; }

# Made for the installed SDK; another one, or a new version of it, makes it anew.
torch_runtime_is_current() {
  [ -x "$TORCH_RUNTIME/dotnet/dotnet" ] && [ "$(cat "$TORCH_RUNTIME/made-for" 2>/dev/null)" = "$(installed_sdk)" ]
}

# make_torch_runtime: into $TORCH_RUNTIME, whole or not at all.
make_torch_runtime() {
  local part libraries program
  program=$(installed_dotnet)
  mkdir -p "$CACHE"
  part=$(mktemp -d "$TORCH_RUNTIME.XXXXXX")
  with_progress "fetching the C and C++ libraries of Debian 13 into $TORCH_RUNTIME" "$CACHE/log/torch-runtime.log" \
    "$ROOT/hack/lib/debian-packages.sh" trixie "$part/debian" libc6 libgcc-s1 libstdc++6 || { rm -rf "$part"; return 1; }
  libraries=$(dirname "$(find "$part/debian" -name 'libstdc++.so.6' -print -quit)")
  cp -al "$(dirname "$program")" "$part/dotnet" 2>/dev/null || { rm -rf "$part/dotnet" && cp -a "$(dirname "$program")" "$part/dotnet"; }
  # A file of its own, for the installed program not to be changed.
  cp --remove-destination "$program" "$part/dotnet/dotnet"
  # One change a call: patchelf 0.14 (Debian 12) fails on several at once. The added libraries are those of glibc that others
  # ask for later: loaded at the start they come from the same glibc, whatever run path the asking library has.
  patchelf --add-needed libmvec.so.1 --add-needed librt.so.1 --add-needed libresolv.so.2 "$part/dotnet/dotnet"
  patchelf --force-rpath --set-rpath "${libraries/#$part/$TORCH_RUNTIME}" "$part/dotnet/dotnet"
  patchelf --set-interpreter "${libraries/#$part/$TORCH_RUNTIME}/ld-linux-x86-64.so.2" "$part/dotnet/dotnet"
  installed_sdk >"$part/made-for"
  rm -rf "$TORCH_RUNTIME"
  mv "$part" "$TORCH_RUNTIME"
}
