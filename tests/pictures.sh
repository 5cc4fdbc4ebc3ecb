#!/usr/bin/env bash
# Takes pictures of everything that visitors see, for the eye, into target/screenshots: each shape of the banner, the
# dialog and the preferences, light, dark, on a phone, from right to left and in Japanese, and the storefront.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A letter that no font has would be a box, and the default of many servers is nobody's system font.
missing=()
[ -n "$(fc-list :lang=ja)" ] || missing+=(fonts-ipafont-gothic)
[ -n "$(fc-list Inter)" ] || missing+=(fonts-inter)
if [ "${#missing[@]}" -gt 0 ]; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
mkdir -p target
fonts=$PWD/target/fonts.conf
cat >"$fonts" <<'XML'
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <match target="pattern">
    <test qual="any" name="family"><string>sans</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
  <match target="pattern">
    <test qual="any" name="family"><string>system-ui</string></test>
    <edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit>
  </match>
</fontconfig>
XML
FONTCONFIG_FILE=$fonts TOWER_CONSENT_REQUIRE_BROWSER=1 \
    cargo test --all-features --test browser -- --ignored pictures screenshots
ls -C target/screenshots
