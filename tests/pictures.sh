#!/usr/bin/env bash
# Takes pictures of everything that visitors see, for the eye, into target/screenshots: each shape of the banner, the
# dialog and the preferences, light, dark, on a phone, from right to left and in Japanese, and the storefront.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A letter that no font has would be a box.
if [ -z "$(fc-list :lang=ja)" ]; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-ipafont-gothic
fi
TOWER_CONSENT_REQUIRE_BROWSER=1 cargo test --all-features --test browser -- --ignored pictures screenshots
ls -C target/screenshots
