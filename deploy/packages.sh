# shellcheck shell=bash
# Sourced by deploy/up and tests/run: what is missing of lists of Debian packages, and installing it.

# say ENGLISH FRENCH: on standard error, in the language of LC_ALL, LC_MESSAGES or LANG.
say() {
  case "${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}" in
    fr*) printf '%s\n' "$2" >&2 ;;
    *) printf '%s\n' "$1" >&2 ;;
  esac
}

# missing_packages FILE…: the packages of these lists that are not installed, one a line.
missing_packages() {
  local name
  grep -hv '^#' "$@" | while read -r name; do
    [ -n "$name" ] || continue
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
}

# missing_node: nodejs and npm, unless a node of version 18 or later and an npm are there.
missing_node() {
  local version
  version=$(node --version 2>/dev/null || echo v0)
  version=${version#v}
  if [ "${version%%.*}" -lt 18 ] 2>/dev/null || ! command -v npm >/dev/null; then
    printf 'nodejs\nnpm\n'
  fi
}

# install_packages NAME…: with apt-get, as root or through sudo; otherwise says what to install and answers 1.
install_packages() {
  local as_root=() log
  [ $# -gt 0 ] || return 0
  if ! command -v apt-get >/dev/null; then
    say "This is no Debian: install what these packages hold, then start again: $*" \
      "Ce n’est pas une Debian : installez ce que contiennent ces paquets, puis relancez : $*"
    return 1
  fi
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      say "These packages are missing. As root, run:" "Il manque des paquets. En root, lancez :"
      printf '  apt-get install --no-install-recommends %s\n' "$*" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  # Debian would make a PostgreSQL cluster of its own and start it: Grenier makes its own, in its data directory.
  case " $* " in
    *" postgresql-15 "*)
      "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
      echo 'create_main_cluster = false' |
        "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/grenier.conf >/dev/null
      ;;
  esac
  say "installing $# packages…" "installation de $# paquets…"
  log=$(mktemp)
  if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o Dpkg::Use-Pty=0 \
      install --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    say "the packages could not be installed; all of it is in $log" \
      "les paquets n’ont pas pu être installés ; tout est dans $log"
    return 1
  fi
  rm -f "$log"
}
