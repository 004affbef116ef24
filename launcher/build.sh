# Builds the program with Maven.
# shellcheck shell=sh disable=SC2034,SC2154

find_maven() {
  maven=$(command -v mvn)
}

# run_maven LOG: tests and checks are left to `./kmemu test`.
run_maven() {
  cd "$root" && exec env JAVA_HOME="$java_home" "$maven" -B -q package \
    -Dmaven.test.skip=true -Dspotless.check.skip=true -Djacoco.skip=true >"$1" 2>&1
}

build_program() {
  if ! find_maven; then
    is_built || fail 3 build "Maven isn't installed" 'install Maven 3.8 or newer'
    notice 'the sources have changed but Maven is missing; running what is built'
    return
  fi
  { mkdir -p "$app" && [ -w "$app" ]; } 2>/dev/null ||
    fail 3 build "$app isn't writable" 'build as a user who may write there'
  lock "$app/building" build
  # Another start may have built it while this one waited.
  if ! is_current; then
    find_java javac || fail 3 build "the JDK in $java_home has no compiler" \
      'install a JDK rather than a JRE, or point JAVA_HOME at one'
    if is_built; then
      notice 'building (the sources have changed)...'
    else
      notice 'building (first run only)...'
    fi
    # The time before the build: what changes meanwhile is built by the next start.
    : >"$app/stamp.next"
    if ! await run_maven "$app/build.log"; then
      tail -n 20 "$app/build.log" >&2
      fail 3 build 'Maven failed' "the whole output is in $app/build.log"
    fi
    mv "$app/stamp.next" "$stamp"
  fi
  unlock
}
