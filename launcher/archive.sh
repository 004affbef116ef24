# Makes the class-data archive: the classes of one training run, mapped by later JVMs at once.
# shellcheck shell=sh disable=SC2034,SC2154

# train PROGRAM-ARGUMENT
train() {
  # The classes of a run that failed aren't those of one that works.
  await "$java" -Xshare:auto -XX:+UseSerialGC -XX:-UsePerfData -Xlog:disable \
    "-XX:ArchiveClassesAtExit=$archive.next" ${library:+"-Dkmemu.unicorn=$library"} \
    -cp "$jar" dev.kmemu.cli.Main "$1" >/dev/null 2>&1 && [ -s "$archive.next" ]
}

# Never a reason not to start: without it the start is only slower.
make_archive() {
  mkdir -p "$app/cds" 2>/dev/null || return 0
  if ! try_lock "$app/cds/making"; then
    break_abandoned "$app/cds/making"
    return 0
  fi
  notice 'preparing fast starts (first run only)...'
  train train-cds || train --version || : >"$archive.next"
  mv -f "$archive.next" "$archive"
  unlock
}
