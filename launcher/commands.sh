# The commands that the launcher answers itself.
# shellcheck shell=sh disable=SC2034,SC2154
. "$root/launcher/child.sh"
. "$root/launcher/lock.sh"
. "$root/launcher/build.sh"
. "$root/launcher/system-library.sh"
. "$root/launcher/fetch.sh"

line() {
  printf '%-11s %s\n' "$1" "$2"
}

usage() {
  case ${2-} in
    -h | --help) printf 'Usage: kmemu %s\n%s\n' "$1" "$3" && exit 0 ;;
  esac
}

line_java() {
  line JDK "$java_version ($java_home)"
}

line_maven() {
  if find_maven; then
    line Maven "$("$maven" -v 2>/dev/null |
      sed -n 's/.*Apache Maven \([0-9][0-9A-Za-z.-]*\).*/\1/p') ($maven)"
  else
    line Maven 'missing (needed only to build)'
  fi
}

line_library() {
  case $library_origin in
    option) line libunicorn "$library (asked for by -Dkmemu.unicorn)" ;;
    environment) line libunicorn "$library (asked for by KMEMU_UNICORN)" ;;
    cache) line libunicorn "$library (in the cache${library_fetched:+, fetched just now})" ;;
    system) line libunicorn "$library (the system's)" ;;
  esac
}

command_setup() {
  usage 'setup [--images]' "${1-}" 'Finds the JDK, Maven and libunicorn, fetches and builds what is missing.
With --images also the guest images that docs/boot.md and the tests boot, from Debian packages.'
  wants_images=
  if [ "${1-}" = --images ]; then
    wants_images=yes
    shift
  fi
  [ $# -eq 0 ] || fail 2 setup "unexpected argument: $1" 'setup takes --images only'
  ensure_java
  line_java
  line_maven
  ensure_library
  line_library
  if is_current; then built='up to date'; else built='done just now'; fi
  ensure_program
  line build "$built ($app)"
  ensure_archive
  if [ -n "$archive_option" ]; then
    line 'fast start' 'ready'
  else
    line 'fast start' "not available with this JDK (starts take a little longer)"
  fi
  [ -z "$wants_images" ] || setup_images
}

# What is there already is told apart from what was fetched, so that a second call is seen to do nothing.
setup_images() {
  . "$root/launcher/images.sh"
  images="$images $document_images"
  ensure_cache
  present=
  for image in $images; do
    if has_image "$image"; then present="$present $image "; fi
  done
  ensure_images
  for image in $images; do
    case $present in
      *" $image "*) how='in the cache' ;;
      *) how='fetched just now' ;;
    esac
    line image "$image ($how: $cache/images/$image)"
  done
}

command_test() {
  usage 'test [MAVEN-ARGUMENT]...' "${1-}" 'Sets up, then runs mvn -B verify with the arguments given.'
  find_maven || fail 3 test "Maven isn't installed" 'install Maven 3.8 or newer'
  ensure_library
  ensure_java
  ensure_program
  find_java javac || ensure_java
  cd "$root" || exit 3
  # Tests start their own JVMs, and this script: both must find what was found here.
  export KMEMU_UNICORN="$library" KMEMU_BUILD=skip JAVA_HOME="$java_home"
  exec "$maven" -B verify "$@"
}

# The program prints its own part, the probe of libunicorn; only what it needs is checked here.
command_doctor() {
  case ${1-} in
    '') ;;
    *) ensure_java && ensure_program && known_library; launch doctor "$@" ;;
  esac
  # Each of these ends its subshell when it fails, having said why on standard error.
  usable=yes
  if (ensure_java); then find_java && line_java; else line JDK missing && usable=; fi
  line_maven
  if debugger=$(command -v gdb); then
    line gdb "$(gdb --version 2>/dev/null | sed -n '1s/.* //p') ($debugger)"
  else
    line gdb 'missing (needed only to debug guests)'
  fi
  if (ensure_library); then
    known_library || system_library
    line_library
  else
    line libunicorn missing && usable=
  fi
  if [ -n "$usable" ] && (ensure_program); then launch doctor; fi
  exit 3
}
