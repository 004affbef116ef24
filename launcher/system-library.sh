# The system's libunicorn, when it is 2.1 or newer: 2.0 doesn't translate x86 addresses.
# shellcheck shell=sh disable=SC2034,SC2154
sysroot=${KMEMU_SYSROOT-}

# One path a line, the dynamic linker's choice first.
installed_libraries() {
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | awk '
    $1 == "libunicorn.so.2" && $NF !~ /i386|\/lib32\// { print $NF }'
  for candidate in "$sysroot"/usr/local/lib/libunicorn.so.2 \
    "$sysroot"/usr/lib/*-linux-gnu/libunicorn.so.2 "$sysroot"/usr/lib64/libunicorn.so.2 \
    "$sysroot"/usr/lib/libunicorn.so.2 "$sysroot"/opt/homebrew/lib/libunicorn.2.dylib \
    "$sysroot"/usr/local/lib/libunicorn.2.dylib; do
    [ ! -e "$candidate" ] || printf '%s\n' "$candidate"
  done
}

# version_by_package PATH: what the package manager says, which names a merged-/usr file only one way.
version_by_package() {
  if package=$(dpkg-query -S "$1" 2>/dev/null); then
    # shellcheck disable=SC2016
    dpkg-query -W -f '${Version}\n' "${package%%: *}"
  elif command -v rpm >/dev/null; then
    rpm -q --qf '%{VERSION}\n' -f "$1"
  elif package=$(pacman -Qo "$1" 2>/dev/null); then
    printf '%s\n' "${package##* }"
  fi 2>/dev/null
}

# library_version PATH: empty when nobody knows.
library_version() {
  real=$(readlink -f "$1") || real=$1
  case $real in
    */Cellar/unicorn/*)
      version=${real##*/Cellar/unicorn/} version=${version%%/*} ;;
    *)
      version=$(version_by_package "$real") || version=
      [ -n "$version" ] || [ "$real" = "$1" ] || version=$(version_by_package "$1") || version=
      notes=${real%/*}/pkgconfig/unicorn.pc
      [ -n "$version" ] || [ ! -r "$notes" ] ||
        version=$(sed -n 's/^Version: *//p' "$notes") ;;
  esac
  printf '%s' "${version#*:}"
}

# serves VERSION: is it 2.1 or newer?
serves() {
  major=${1%%[!0-9]*}
  minor=${1#*.} minor=${minor%%[!0-9]*}
  [ "${major:-0}" -gt 2 ] || { [ "${major:-0}" -eq 2 ] && [ "${minor:-0}" -ge 1 ]; }
}

remember_library() {
  mkdir -p "$cache/unicorn" && printf '%s\n' "$library" >"$cache/unicorn/system"
} 2>/dev/null

# One of unknown version is taken only where there is no way to fetch a better one; the program
# checks what it loads in any case.
system_library() {
  too_old='' unknown=''
  while read -r path; do
    [ -e "$path" ] || continue
    version=$(library_version "$path")
    if [ -z "$version" ]; then
      unknown=${unknown:-$path}
    elif serves "$version"; then
      found_library "$path" system
      break
    else
      too_old=${too_old:-$version}
    fi
  done <<LIBRARIES
$(installed_libraries)
LIBRARIES
  if [ -z "$library" ] && [ -n "$unknown" ] && ! can_fetch; then
    found_library "$unknown" system
  fi
  [ -n "$library" ] && { remember_library || :; }
}
