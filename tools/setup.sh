#!/usr/bin/env bash
# Sets nowhear up in .venv: `tools/setup.sh run` for use, `tools/setup.sh test` for its tests too.
#
# What needs root (Debian packages) is done as root or with sudo; without either, the one command
# that is to be run is printed. A second call finds the stamps of the first and ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."

purpose=${1:-run}
venv=.venv
[ "$purpose" = run ] || [ "$purpose" = test ] || {
    echo "usage: tools/setup.sh [run|test]" >&2
    exit 2
}

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# What the installed environment depends on; a change of any sets up anew.
fingerprint() {
    cat pyproject.toml requirements.lock hatch_build.py tools/setup.sh | sha256sum | cut -d' ' -f1
    pwd # an editable install and the scripts of a virtual environment hold their place
}

python_is_set_up() {
    local stamp
    for stamp in $venv/nowhear-test.stamp $venv/nowhear-$purpose.stamp; do # tests need all of it
        [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ] && return
    done
    return 1
}

# --- Debian packages ---------------------------------------------------------------------------

# Asks for what a package brings and not for the package: it may have come another way.
portaudio_is_there() { # also without ldconfig on a plain user's PATH
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q 'libportaudio\.so\.2'
}
alsa_speaks_pulse() { compgen -G '/usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so' >/dev/null; }

usable_python() {
    local python
    for python in python3.12 python3.11 python3; do
        if command -v "$python" >/dev/null &&
            "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
                2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    return 1
}

can_make_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
# annoy comes as source only, so a compiler and Python's headers are needed once.
has_headers() {
    "$1" -c 'import pathlib, sys, sysconfig
sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())'
}

# Packages that making the virtual environment needs; once it stands they are not asked for.
missing_for_python() {
    local python
    if python=$(usable_python); then
        can_make_venv "$python" || echo python3-venv
        has_headers "$python" || echo python3-dev
    else
        echo python3 python3-venv python3-dev
    fi
    command -v g++ >/dev/null || echo g++
}

missing_packages() {
    python_is_set_up || missing_for_python
    portaudio_is_there || echo libportaudio2
    [ "$purpose" = test ] || return 0
    command -v chromium >/dev/null || echo chromium
    command -v pulseaudio >/dev/null || echo pulseaudio
    command -v pactl >/dev/null || echo pulseaudio-utils
    alsa_speaks_pulse || echo libasound2-plugins
}

install_packages() {
    local packages=$1
    [ -n "$packages" ] || return 0
    command -v apt-get >/dev/null ||
        die "please install what Debian calls: $packages; then run this again"
    local install="apt-get install -y --no-install-recommends $packages"
    if [ "$(id -u)" = 0 ]; then
        as_root() { env DEBIAN_FRONTEND=noninteractive "$@"; }
    elif command -v sudo >/dev/null; then
        as_root() { sudo env DEBIAN_FRONTEND=noninteractive "$@"; }
    else
        die "root is needed for Debian packages. Run this as root, then call me again:
    apt-get update && $install"
    fi
    say "installing $packages"
    # Some lists may be out of reach while the needed packages are not: the install decides.
    as_root apt-get -q update >&2 || say "apt-get update failed, going on with the lists at hand"
    # shellcheck disable=SC2086  # one word a package is meant
    as_root $install >&2 || die "could not install $packages; as root: apt-get update && $install"
}

# --- Python ------------------------------------------------------------------------------------

install_python() {
    local what=. extra=()
    python_is_set_up && return
    if [ ! -x $venv/bin/python ] || ! $venv/bin/python -c 'import pip' 2>/dev/null; then
        rm -rf $venv
        "$(usable_python)" -m venv $venv
    fi
    [ "$purpose" = run ] || what=".[learn]" extra=(--group dev)
    local pip=("$venv/bin/python" -m pip --disable-pip-version-check)
    say "installing Python packages into $venv (the first time this takes minutes)"
    "${pip[@]}" install -q "$(grep '^pip==' requirements.lock)"
    "${pip[@]}" install -q --constraint requirements.lock --build-constraint requirements.lock \
        --editable "$what" "${extra[@]}"
    $venv/bin/python -m encoder.torchaudio_cpu >&2
    # The tests convert the weights anew out of the wheel that they came from.
    [ "$purpose" = run ] || "${pip[@]}" download -q --no-deps --dest $venv/wheels musicnn==0.1.0
    fingerprint >"$venv/nowhear-$purpose.stamp"
}

install_packages "$(missing_packages | xargs)"
install_python
$venv/bin/python hatch_build.py >&2 # the page, if its source changed
