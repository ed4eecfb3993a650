#!/usr/bin/env bash
# Installs what the lab's real servers need and Cargo cannot bring: two Python environments under target/lab and the
# Node packages beside the Node server. What is there already in the right version is left alone, so it may be run
# as often as one likes. nginx, HAProxy, Redis, the browsers and their drivers come from the distribution; it only looks for them.
set -euo pipefail

lab="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
target="${CONNECTION_DOCTOR_LAB_TARGET:-$(cd "$lab/../.." && pwd)/target/lab}"
mkdir -p "$target"

# Makes the environment $1 hold exactly what the requirements file $2 asks for. The file is kept beside the
# environment once the installation has ended well, and says next time that there is nothing to do.
python_environment() {
    local environment="$target/$1" requirements="$lab/servers/python/$2"
    local installed="$environment/installed-requirements.txt"
    if [ -x "$environment/bin/python" ] && cmp -s "$requirements" "$installed"; then
        echo "$1: already installed"
        return
    fi
    echo "$1: installing $2 (chainlit takes a minute or two)"
    [ -x "$environment/bin/python" ] || python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$installed"
}

node_packages() {
    local folder="$lab/servers/node"
    if cmp -s "$folder/package-lock.json" "$folder/node_modules/installed-package-lock.json"; then
        echo "node: already installed"
        return
    fi
    echo "node: npm ci"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
    cp "$folder/package-lock.json" "$folder/node_modules/installed-package-lock.json"
}

# Names a program that is not there; which scenarios that leaves out, `lab serve --all` says.
look_for() {
    if command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; then
        echo "$1: found"
    else
        echo "$1: NOT FOUND; $2"
    fi
}

python_environment venv requirements.txt
python_environment venv-engine-io-3 requirements-engine-io-3.txt
node_packages
look_for nginx "install Debian's nginx"
look_for haproxy "install Debian's haproxy"
look_for redis-server "install Debian's redis-server"
look_for turnserver "install Debian's coturn"
look_for openssl "install Debian's openssl"
look_for chromedriver "install Debian's chromium and chromium-driver (for the end-to-end tests)"
look_for geckodriver "cargo install geckodriver --locked, with Debian's firefox-esr (for the end-to-end tests)"
look_for WebKitWebDriver "install Debian's webkit2gtk-driver and xvfb (for the end-to-end tests of the face)"
