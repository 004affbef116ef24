# Which libunicorn the program loads: the one asked for, the per-user cache's, the system's.
# shellcheck shell=sh disable=SC2034,SC2154,SC3013
library='' library_origin=''

cache=${XDG_CACHE_HOME-}
case $cache in
  /*) cache=$cache/kmemu ;;
  *) [ -n "${HOME-}" ] && cache=$HOME/.cache/kmemu || cache= ;;
esac

# Without a home the cache is in a directory that everyone may write to: trust it only when ours.
ensure_cache() {
  if [ -z "$cache" ]; then
    cache=${TMPDIR:-/tmp}/kmemu-$(id -u)
    mkdir -m 700 "$cache" 2>/dev/null
    { [ -d "$cache" ] && [ ! -h "$cache" ] && [ -O "$cache" ]; } ||
      fail 3 cache "HOME is unset and $cache belongs to someone else" 'set XDG_CACHE_HOME'
  fi
}

# found_library PATH ORIGIN
found_library() {
  library=$1 library_origin=$2
}

# asked_for_library: true when the user named one; only its existence is checked here.
asked_for_library() {
  if [ -n "$asked_library" ]; then
    found_library "$asked_library" option
  elif [ -n "${KMEMU_UNICORN-}" ]; then
    found_library "$KMEMU_UNICORN" environment
  else
    return 1
  fi
  case $library in
    /*) ;;
    *) library=$PWD/$library ;;
  esac
  [ -e "$library" ] ||
    fail 3 libunicorn "$library doesn't exist" 'correct -Dkmemu.unicorn or KMEMU_UNICORN, or drop it'
}

cached_library() {
  for candidate in "$cache"/unicorn/*/usr/lib/*/libunicorn.so.2; do
    [ -e "$candidate" ] && found_library "$candidate" cache && return
  done
  return 1
}

# remembered_library: the system's, as an earlier start chose it; one replaced since is asked anew.
remembered_library() {
  [ -r "$cache/unicorn/system" ] || return 1
  read -r remembered <"$cache/unicorn/system"
  [ -e "$remembered" ] && [ ! "$remembered" -nt "$cache/unicorn/system" ] &&
    found_library "$remembered" system
}

known_library() {
  asked_for_library && return
  ensure_cache
  cached_library || remembered_library
}

ensure_library() {
  known_library && return
  . "$root/launcher/child.sh"
  . "$root/launcher/lock.sh"
  . "$root/launcher/system-library.sh"
  . "$root/launcher/fetch.sh"
  system_library || fetch_library
}
