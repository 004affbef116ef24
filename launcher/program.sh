# The built program: cli/target/kmemu, with its class-data archive for a fast start.
# shellcheck shell=sh disable=SC2034,SC2154,SC3013
app=$root/cli/target/kmemu
jar=$app/lib/kmemu-cli.jar
stamp=$app/stamp
archive='' archive_option=''

is_built() {
  [ -f "$jar" ] && [ -f "$stamp" ]
}

# Directories count too: a deleted source leaves only its directory newer.
is_current() {
  is_built && [ -z "$(cd "$root" &&
    find pom.xml .mvn ./*/pom.xml ./*/src/main -newer "$stamp" -print -quit 2>/dev/null)" ]
}

ensure_program() {
  if [ "${KMEMU_BUILD-}" = skip ]; then
    [ -f "$jar" ] || fail 3 build 'nothing is built and KMEMU_BUILD=skip' 'run ./kmemu setup first'
  elif ! is_current; then
    . "$root/launcher/child.sh"
    . "$root/launcher/lock.sh"
    . "$root/launcher/build.sh"
    build_program
  fi
}

# An empty archive says that this JVM couldn't make one.
archive_is_current() {
  [ -f "$archive" ] || return 1
  for part in "$app"/lib/*.jar; do
    [ ! "$part" -nt "$archive" ] || return 1
  done
}

# Sets archive_option when this JVM has an archive or one can be made now.
ensure_archive() {
  archive_name=${java_build:-$java_version}
  case $archive_name in
    *[!A-Za-z0-9.+_-]*) archive_name=$java_version ;;
  esac
  archive=$app/cds/$archive_name.jsa
  if ! archive_is_current; then
    if [ "${KMEMU_BUILD-}" = skip ] || [ ! -w "$app" ]; then
      return
    fi
    . "$root/launcher/child.sh"
    . "$root/launcher/lock.sh"
    . "$root/launcher/archive.sh"
    make_archive || return 0
  fi
  [ ! -s "$archive" ] || archive_option=-XX:SharedArchiveFile=$archive
}

# launch ARGUMENT...: the end of this process; signals reach the JVM since it takes its place.
launch() {
  set -- -cp "$jar" dev.kmemu.cli.Main "$@"
  # KMEMU_UNICORN is for the program to read: it can then name it in its errors.
  case $library_origin in
    '' | environment) ;;
    *) set -- "-Dkmemu.unicorn=$library" "$@" ;;
  esac
  [ -z "$archive_option" ] || set -- "$archive_option" "$@"
  [ "$java_major" -lt 22 ] || set -- --enable-native-access=ALL-UNNAMED "$@"
  # What the JVM would log to standard output is about an archive that it can do without.
  exec "$java" -Xshare:auto -XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable "$@"
}
