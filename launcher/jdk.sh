# Which Java runs the program: JAVA_HOME's, then the PATH's, 17 or newer.
# shellcheck shell=sh disable=SC2034,SC2119,SC2120,SC2154
oldest_java=17

# read_release HOME: sets java_version and java_build from the JDK's own release file, which
# costs no JVM start.
read_release() {
  java_version='' java_build=''
  [ -r "$1/release" ] || return 1
  while IFS='=' read -r key value; do
    case $key in
      JAVA_RUNTIME_VERSION) java_build=${value#\"} java_build=${java_build%\"} ;;
      JAVA_VERSION) java_version=${value#\"} java_version=${java_version%\"} && break ;;
    esac
  done <"$1/release"
  [ -n "$java_version" ]
}

# ask_java JAVA: the same from the JVM itself, for a java that is a shim or has no release file.
ask_java() {
  java_version='' java_build=''
  while read -r key equals value; do
    [ "$equals" = = ] || continue
    case $key in
      java.home) java_home=$value ;;
      java.version) java_version=$value ;;
      java.runtime.version) java_build=$value ;;
    esac
  done <<ANSWER
$("$1" -XshowSettings:properties -version 2>&1)
ANSWER
  [ -n "$java_version" ]
}

# take_java JAVA [javac]: false unless this java is new enough and, if asked, comes with javac.
take_java() {
  java=$1
  [ -x "$java" ] || return 1
  java_home=${java%/bin/*}
  read_release "$java_home" || ask_java "$java" || return 1
  java_major=${java_version%%[!0-9]*}
  [ "${java_major:-0}" -ge "$oldest_java" ] || { java_too_old=$java_version; return 1; }
  [ -z "${2-}" ] || [ -x "$java_home/bin/$2" ]
}

# find_java [javac]
find_java() {
  java_too_old=
  [ -n "${JAVA_HOME-}" ] && take_java "$JAVA_HOME/bin/java" "${1-}" && return
  path_java=$(command -v java) || return 1
  # Through /etc/alternatives to the JDK that it stands for.
  take_java "$(readlink -f "$path_java" || printf %s "$path_java")" "${1-}"
}

ensure_java() {
  find_java && return
  fail 3 JDK "${java_too_old:+only $java_too_old was found, }$oldest_java or newer is needed" \
    'install one, or point JAVA_HOME at one'
}
