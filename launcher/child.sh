# Long-running children and what must not outlive this script.
# shellcheck shell=sh disable=SC2034,SC2154
child=${child-} scratch=${scratch-} held_lock=${held_lock-}

# await COMMAND...: waits in a way that lets a signal end the wait, and with it the child.
await() {
  "$@" &
  child=$!
  wait "$child"
  set -- $?
  child=
  return "$1"
}

clean_up() {
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  [ -z "$scratch" ] || rm -rf "$scratch"
  [ -z "$held_lock" ] || rm -rf "$held_lock"
  child='' scratch='' held_lock=''
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
