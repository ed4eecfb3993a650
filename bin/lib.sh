# Sourced by the scripts beside it: where things are, how we speak, how long a step took.
# shellcheck shell=bash
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit

# Cargo tools that we install ourselves stand in a folder of their own, so that nobody's other version is replaced.
tools="${CARGO_HOME:-$HOME/.cargo}/connection-doctor"
export PATH="$tools/bin:$root/bin/node/node_modules/.bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH:/usr/sbin"

say() { printf '%s\n' "$*" >&2; }

# Ends the script with a sentence that says what is wrong and what to do.
die() {
  say ""
  say "STOPPED: $*"
  exit 1
}

# timed TITLE COMMAND...: says what begins, runs it, says how long it took. Where it fails, the script ends and says so.
# (No `|| die` here: bash would switch `set -e` off for everything inside the command.)
step=
say_what_failed() { [ -z "$step" ] || say "STOPPED: \"$step\" failed after $((SECONDS - step_started)) s; what went wrong stands above."; }
trap say_what_failed EXIT
timed() {
  step=$1 step_started=$SECONDS
  shift
  say ""
  say "== $step"
  "$@"
  say "== $step: done in $((SECONDS - step_started)) s"
  step=
}
