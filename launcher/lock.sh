# A lock that is a directory: making one is atomic everywhere. Its owner file says who holds it.
# shellcheck shell=sh disable=SC2034,SC2154
lock_patience=1200

# older_than MINUTES PATH
older_than() {
  [ -n "$(find "$2" -prune -mmin "+$1" 2>/dev/null)" ]
}

# is_abandoned LOCK: its holder is gone, or never got to sign it. A holder on another host (or in
# another container) can't be asked, so its age decides.
is_abandoned() {
  owner='' owner_host=''
  { read -r owner owner_host <"$1/owner"; } 2>/dev/null
  if [ -z "$owner" ]; then
    older_than 1 "$1"
  elif [ "$owner_host" = "$(uname -n)" ]; then
    ! kill -0 "$owner" 2>/dev/null && [ ! -d "/proc/$owner" ]
  else
    older_than 15 "$1"
  fi
}

# break_abandoned LOCK: under a lock of its own, or two starts could each take the other's new
# lock for the old one.
break_abandoned() {
  is_abandoned "$1" || return 1
  if ! mkdir "$1.breaking" 2>/dev/null; then
    older_than 1 "$1.breaking" && rmdir "$1.breaking" 2>/dev/null
    return 1
  fi
  is_abandoned "$1" && rm -rf "$1"
  rmdir "$1.breaking"
}

# try_lock LOCK
try_lock() {
  mkdir "$1" 2>/dev/null || return 1
  held_lock=$1
  printf '%s %s\n' "$$" "$(uname -n)" >"$1/owner"
}

# lock LOCK WHAT: waits until it has it.
lock() {
  waited=0
  until try_lock "$1"; do
    [ -w "${1%/*}" ] || fail 3 "$2" "${1%/*} isn't writable" 'make it so'
    break_abandoned "$1" && continue
    [ "$waited" -ne 1 ] || notice "waiting for another kmemu (process ${owner:-unknown})..."
    [ "$waited" -lt "$lock_patience" ] ||
      fail 3 "$2" "process $owner has held the lock for 20 minutes" "if it is gone, remove $1"
    sleep 1
    waited=$((waited + 1))
  done
}

unlock() {
  rm -rf "$held_lock"
  held_lock=
}
