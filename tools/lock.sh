#!/usr/bin/env bash
# Writes requirements.lock: one version of every package, for Python 3.11 and 3.12 alike.
#
# It is used as a constraint, so the CUDA packages that torch's default build asks for stand in it
# and are installed only with that build. No hashes: the CPU and CUDA builds of torch differ.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q uv
printf 'hatchling\nnodejs-wheel-binaries\npip\n' >"$work/build.in"
"$work/venv/bin/uv" pip compile -q --universal --python-version 3.11 --extra learn --group dev \
    --no-emit-index-url --no-header --no-annotate --upgrade \
    -o "$work/lock" pyproject.toml "$work/build.in"
{
    echo "# Made by tools/lock.sh (\`make lock\`); used as a constraint by tools/setup.sh."
    cat "$work/lock"
} >requirements.lock
