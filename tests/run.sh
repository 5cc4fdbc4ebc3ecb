#!/usr/bin/env bash
# Everything there is to check, in one command. On Debian or Ubuntu with Rust
# it installs the rest: Chromium with its driver, Firefox, PostgreSQL, and Rust's
# target for WebAssembly.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s ==\n' "$*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

step "what is needed"
missing=()
command -v cc >/dev/null || missing+=(build-essential)
command -v chromium >/dev/null || missing+=(chromium)
command -v chromedriver >/dev/null || missing+=(chromium-driver)
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || missing+=(firefox-esr)
command -v npm >/dev/null || missing+=(npm)
[ -n "$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null)" ] || command -v initdb >/dev/null || missing+=(postgresql)
if [ "${#missing[@]}" -gt 0 ]; then
    echo "installing ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi
cargo --version
for component in rustfmt clippy; do
    cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
done
# For the Leptos app that a browser test builds.
[ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || rustup target add wasm32-unknown-unknown
chromium --version --no-sandbox 2>/dev/null || true

export CARGO_TERM_COLOR=never
export RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -D warnings"
# A browser test that cannot run fails here instead of being left out.
export TOWER_CONSENT_REQUIRE_BROWSER=1
export TOWER_CONSENT_REQUIRE_NPM=1
export TOWER_CONSENT_REQUIRE_WASM=1

step "formatting"
cargo fmt --check
cargo fmt --check --manifest-path tests/leptos/Cargo.toml

step "clippy: everything, nothing, and each feature alone"
cargo clippy --locked --all-targets --all-features -- -D warnings
cargo clippy --locked --no-default-features -- -D warnings
for feature in axum decompress filter-lists json-lines postgres sqlite strict-third-parties; do
    cargo clippy --locked --no-default-features --features "$feature" -- -D warnings
done

step "what is served minified was made of the sources as they are"
cargo test --locked --manifest-path assets/minify/Cargo.toml
cargo run --quiet --locked --manifest-path assets/minify/Cargo.toml -- --check

step "documentation"
cargo doc --locked --no-deps --all-features

step "a PostgreSQL of the tests' own"
server=$(mktemp -d)
chmod 755 "$server"
trap 'tests/postgres.sh drop "$server"' EXIT
TOWER_CONSENT_POSTGRES=$(tests/postgres.sh start "$server")
export TOWER_CONSENT_POSTGRES
echo "$TOWER_CONSENT_POSTGRES"

step "tests: unit, integration, browser and documentation"
cargo test --locked --all-features
