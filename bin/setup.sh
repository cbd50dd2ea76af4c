# Shared by ./fachwerk and ./run-tests: makes .venv from a lock file, and again whenever that file has changed.
# Needs Python 3.11 or newer. Where Debian's venv module is missing it is installed, if that is allowed here.

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$candidate"; return; }
    done
    say "Fachwerk needs Python 3.11 or newer. On Debian: apt install python3 python3-venv"
    exit 1
}

make_venv() {
    "$1" -m venv "$here/.venv" >/dev/null 2>&1 && return
    rm -rf "$here/.venv"
    package="python3-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing $package ..."
        { apt-get update -qq && apt-get install -y -qq "$package"; } >/dev/null 2>&1 || true
        "$1" -m venv "$here/.venv" && return
    fi
    say "Python cannot make a virtual environment here. On Debian: sudo apt install $package"
    exit 1
}

setup() {
    lock="$here/$1"
    stamp="$here/.venv/.from-$1"
    if [ -f "$stamp" ] && cmp -s "$lock" "$stamp"; then return; fi
    python=$(find_python)
    [ -x "$here/.venv/bin/python" ] || { say "Setting up (once, about a minute) ..."; make_venv "$python"; }
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock" >&2
    "$here/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -e "$here" >&2
    (cd "$here" && .venv/bin/python -m compileall -q problems.py cli.py rules schemas forms workflows engine) || true
    cp "$lock" "$stamp"
}
