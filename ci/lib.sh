# What the scripts in ci/ share. Sourced by bash with `set -euo pipefail` on; sets `root`.
root=$(cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.." && pwd)

base_packages=(g++ cmake ninja-build ccache librapidcheck-dev libgtest-dev libgmock-dev libabsl-dev
  libbenchmark-dev nlohmann-json3-dev libcli11-dev)
# The runtime is only a Recommends of clang-19's own packages, so it has to be named.
clang_packages=(clang-19 libclang-rt-19-dev llvm-19)

say() { printf 'recount: %s\n' "$*" >&2; }
die() {
  say "$@"
  exit 2
}

# missing_packages PACKAGE...: those that are not installed, one a line.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  local package
  for package in "$@"; do
    grep -qxF "$package installed" <<<"$installed" || printf '%s\n' "$package"
  done
}

# install_packages PACKAGE...: installs what is missing. Returns 1, and says what to type, when it
# may not or cannot. Elsewhere than on Debian nothing is installed: CMake says what it misses.
install_packages() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  local as_root=(env)
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal sudo must not wait for a password.
    if ! command -v sudo >/dev/null || { ! [ -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      # A compiler cache only saves time.
      [ "${missing[*]}" != ccache ] || return 0
      say "missing packages; as root: apt-get install -y --no-install-recommends ${missing[*]}"
      return 1
    fi
    as_root=(sudo env)
  fi
  say "installing ${missing[*]}"
  mkdir -p "$root/build"
  local log=$root/build/packages.log
  if ! { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
    "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
      --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    say "apt-get failed; its output is in $log"
    return 1
  fi
}

# quietly LOG COMMAND...: COMMAND with its output in LOG. On a terminal the last line of it is shown
# as it goes; all of it only when COMMAND fails.
quietly() {
  local log=$1
  shift
  local status=0
  if [ -t 2 ]; then
    local width
    width=$(tput cols 2>/dev/null || echo 80)
    "$@" 2>&1 </dev/null | tee "$log" | while IFS= read -r line; do
      printf '\r\033[K%s' "${line:0:width-1}" >&2
    done || status=$?
    printf '\r\033[K' >&2
  else
    "$@" >"$log" 2>&1 </dev/null || status=$?
  fi
  [ "$status" -eq 0 ] || cat "$log" >&2
  return "$status"
}

# build DIRECTORY TARGET -- CONFIGURE...: configures when that has not been done, then builds. Two
# scripts at a time wait for each other.
build() {
  local directory=$1 target=$2
  shift 3
  mkdir -p "$directory"
  (
    flock 9
    # A checkout that was moved or copied: CMake would refuse its old cache.
    if [ -f "$directory/CMakeCache.txt" ] &&
      ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$directory/CMakeCache.txt"; then
      find "$directory" -mindepth 1 -maxdepth 1 ! -name lock -exec rm -rf {} +
    fi
    if ! [ -f "$directory/build.ninja" ]; then
      cd "$root"
      quietly "$directory/configure.log" cmake "$@" || exit 1
    fi
    quietly "$directory/build.log" cmake --build "$directory" --target "$target"
  ) 9>"$directory/lock"
}

# build_preset PRESET TARGET: into build/PRESET.
build_preset() { build "$root/build/$1" "$2" -- --preset "$1"; }
