# shellcheck shell=bash
# The locale en_US.UTF-8, which ONNX Runtime's operators on text ask for, where the machine has none. Source after common.sh.
#
# It is compiled into the cache folder, out of the machine's own descriptions of locales or those of Debian's package `locales`,
# which is unpacked and not installed. hack/dotnet.sh names the folder to what it runs (LOCPATH); the machine stays as it is.

TEXT_LOCALES=$CACHE/locale
TEXT_LOCALE=$TEXT_LOCALES/en_US.utf8

has_text_locale() { [ -e "$TEXT_LOCALE/LC_CTYPE" ]; }

# make_text_locale: whole or not at all.
make_text_locale() {
  local work status=0
  have localedef || { say "no localedef: models of text (StringNormalizer) are not tried"; return 0; }
  mkdir -p "$CACHE"
  work=$(mktemp -d "$TEXT_LOCALES.XXXXXX")
  compile_text_locale "$work" || status=$?
  rm -rf "$work"
  return "$status"
}

compile_text_locale() {
  local work=$1 descriptions=/usr/share/i18n
  if [ ! -e "$descriptions/locales/en_US" ]; then
    with_progress "fetching Debian's descriptions of locales" "$CACHE/log/locales.log" \
      "$ROOT/hack/lib/debian-packages.sh" trixie "$work/debian" locales || return
    descriptions=$work/debian/usr/share/i18n
  fi
  mkdir "$work/made"
  I18NPATH=$descriptions localedef -i en_US -f UTF-8 "$work/made/en_US.utf8" || return
  rm -rf "$TEXT_LOCALES"
  mv "$work/made" "$TEXT_LOCALES"
}

# For what is started from here on; a LOCPATH of the caller's own comes after it.
use_text_locale() {
  if has_text_locale; then export LOCPATH="$TEXT_LOCALES${LOCPATH:+:$LOCPATH}"; fi
}
