#!/usr/bin/env bash
# A PostgreSQL server of its own for the tests: own data directory, own port,
# loopback alone, thrown away afterwards. It syncs like a real one.
#
#   postgres.sh start DIR   makes the server, if need be, and prints its URL
#   postgres.sh kill DIR    kills every process of it at once, as a power cut would
#   postgres.sh drop DIR    stops it and removes the directory
set -euo pipefail

usage() { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# = 2 ] || usage
dir=$2

# The newest that is installed: Debian keeps the programs off the PATH.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ]; then
    found=$(command -v initdb) || { echo "PostgreSQL is not installed" >&2; exit 3; }
    bin=$(dirname "$found")
fi

# The server refuses to run as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}

start() {
    if [ ! -e "$dir/data/PG_VERSION" ]; then
        mkdir -p "$dir"
        [ "$(id -u)" != 0 ] || chown postgres "$dir"
        as_server "$bin/initdb" -D "$dir/data" -U consent --auth=trust --no-sync --encoding=UTF8 --locale=C >/dev/null
        free_port >"$dir/port"
        printf '%s\n' "listen_addresses = '127.0.0.1'" "port = $(cat "$dir/port")" \
            "unix_socket_directories = ''" "shared_buffers = 32MB" "max_connections = 60" \
            >>"$dir/data/postgresql.conf"
    fi
    # A kill leaves the file behind, and its number may be another process's by now.
    running || rm -f "$dir/data/postmaster.pid"
    running || (cd / && as_server "$bin/pg_ctl" -D "$dir/data" -l "$dir/data/server.log" -w -t 60 start >/dev/null) \
        || { tail -20 "$dir/data/server.log" >&2; exit 4; }
    echo "postgres://consent@127.0.0.1:$(cat "$dir/port")/postgres"
}

running() { as_server "$bin/pg_ctl" -D "$dir/data" status >/dev/null 2>&1; }

kill_all() {
    local main
    main=$(head -1 "$dir/data/postmaster.pid" 2>/dev/null) || return 0
    # The main process starts the others again, so it goes first.
    local children
    children=$(pgrep -P "$main" || true)
    # shellcheck disable=SC2086
    kill -KILL "$main" $children 2>/dev/null || true
    while kill -0 "$main" 2>/dev/null; do sleep 0.02; done
}

case $1 in
    start) start ;;
    kill) kill_all ;;
    drop)
        if [ -e "$dir/data" ]; then
            as_server "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || true
        fi
        rm -rf "$dir"
        ;;
    *) usage ;;
esac
