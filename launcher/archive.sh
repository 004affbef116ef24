# Makes the class-data archive: the classes of one training run, mapped by later JVMs at once.
# shellcheck shell=sh disable=SC2034,SC2154

# train PROGRAM-ARGUMENT: with the options of any start, or the JVM would refuse the archive. The
# classes of a run that failed aren't those of one that works.
train() {
  archive_option=-XX:ArchiveClassesAtExit=$archive.next
  await launch "$1" >/dev/null 2>&1 && [ -s "$archive.next" ]
}

# Never a reason not to start: without it the start is only slower. False when another start is
# making it.
make_archive() {
  mkdir -p "$app/cds" 2>/dev/null || return
  if ! try_lock "$app/cds/making"; then
    break_abandoned "$app/cds/making"
    return 1
  fi
  notice 'preparing fast starts (first run only)...'
  rm -f "$archive.next"
  train train-cds || train --version || : >"$archive.next"
  archive_option=
  mv -f "$archive.next" "$archive"
  unlock
}
