# Fetches libunicorn from the machine's own package archive into the user's cache: without root,
# and with the archive's signature checked against the keys that the machine already trusts.
# shellcheck shell=sh disable=SC2034,SC2154
package_name=libunicorn2t64
oldest_libc=2.34

can_fetch() {
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null
}

cannot_fetch() {
  fail 3 setup "libunicorn: $1" "${2:-install libunicorn 2.1 or newer and set KMEMU_UNICORN to its path}"
}

# read_release_name: sets family (debian or ubuntu), codename and target, the suite to fetch from.
# The suites named here have too old a libunicorn; any other is taken to have its own.
read_release_name() {
  [ -r "$sysroot/etc/os-release" ] || cannot_fetch "$sysroot/etc/os-release can't be read"
  id='' like='' own='' debian='' ubuntu=''
  while IFS='=' read -r key value; do
    value=${value#[\"\']} value=${value%[\"\']}
    case $key in
      ID) id=$value ;;
      ID_LIKE) like=$value ;;
      VERSION_CODENAME) own=$value ;;
      DEBIAN_CODENAME) debian=$value ;;
      UBUNTU_CODENAME) ubuntu=$value ;;
    esac
  done <"$sysroot/etc/os-release"
  case " $id $like " in
    *' ubuntu '*) family=ubuntu component=universe codename=${ubuntu:-$own} ;;
    *' debian '*) family=debian component=main codename=${debian:-$own} ;;
    *) cannot_fetch "apt is here but ${id:-this system} is neither Debian nor Ubuntu" ;;
  esac
  [ -n "$codename" ] || cannot_fetch "$sysroot/etc/os-release names no VERSION_CODENAME"
  case $family-$codename in
    debian-stretch | debian-buster | debian-bullseye | debian-bookworm) target=trixie ;;
    ubuntu-xenial | ubuntu-bionic | ubuntu-focal | ubuntu-jammy | ubuntu-kinetic | ubuntu-lunar | \
      ubuntu-mantic | ubuntu-noble | ubuntu-oracular) target=resolute ;;
    *) target=$codename ;;
  esac
}

# private_sources: the machine's own entries for its suite, one a file, with the suite replaced. The
# distribution's own files come first: a third party may use the same names of suite and component.
private_sources() {
  mkdir "$scratch/sources"
  first=$sysroot/etc/apt/sources.list.d/$family.sources
  number=10 taken=
  for list in "$sysroot/etc/apt/sources.list" "$first" \
    "$sysroot"/etc/apt/sources.list.d/*.list "$sysroot"/etc/apt/sources.list.d/*.sources; do
    [ -r "$list" ] || continue
    [ "$list$taken" != "$first$first" ] || continue
    [ "$list" != "$first" ] || taken=$first
    number=$((number + 1))
    KMEMU_FORMAT=${list##*.} KMEMU_SUITE=$codename KMEMU_TARGET=$target \
      KMEMU_COMPONENT=$component KMEMU_OUTPUT=$scratch/sources/$number \
      awk -f "$root/launcher/sources.awk" "$list"
  done
}

# What the machine's configuration must not bring in: hooks, preferences, and any leave to do
# without signatures. The file is read after the machine's.
write_apt_configuration() {
  cat >"$scratch/apt.conf" <<'CONFIGURATION'
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear APT::Update::Post-Invoke-Stats;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
#clear APT::Default-Release;
APT::Get::AllowUnauthenticated "false";
APT::Update::Error-Mode "any";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
CONFIGURATION
  # Root can't hand its private directories to apt's own user.
  [ "$(id -u)" -ne 0 ] || echo 'APT::Sandbox::User "root";' >>"$scratch/apt.conf"
}

# private_apt SOURCE ARGUMENT...
private_apt() {
  source=$1
  shift
  cd "$scratch/deb" && LC_ALL=C DEBIAN_FRONTEND=noninteractive exec apt-get -q -c "$scratch/apt.conf" \
    -o "Dir::Etc::sourcelist=$source" -o "Dir::Etc::sourceparts=$scratch/empty" \
    -o Dir::Etc::preferences=/dev/null -o "Dir::Etc::preferencesparts=$scratch/empty" \
    -o "Dir::State::lists=$scratch/lists" -o "Dir::Cache=$scratch/cache" "$@" \
    >>"$scratch/log" 2>&1
}

# download: tries each source until one has the package; the log is that of the last.
download() {
  for source in "$scratch"/sources/*; do
    [ -e "$source" ] ||
      cannot_fetch "/etc/apt has no enabled source of $codename $component" \
        'add one, or set KMEMU_UNICORN'
    rm -rf "$scratch/lists" "$scratch/cache" "$scratch/deb" "$scratch/log"
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/deb"
    await private_apt "$source" update && await private_apt "$source" download "$package_name" &&
      deb=$(find "$scratch/deb" -name '*.deb' -print -quit) && [ -n "$deb" ] && return
  done
  reason=$(sed -n 's/^E: *//p' "$scratch/log" | head -n 1)
  cannot_fetch "apt couldn't get $package_name from $target: ${reason:-apt-get gave no reason}" \
    "check the network and the archive's keys, or set KMEMU_UNICORN"
}

# check_libc VERSION: is the machine's libc at least that?
check_libc() {
  libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc='glibc 0'
  libc=${libc#glibc }
  dpkg --compare-versions "$libc" ge "$1" ||
    cannot_fetch "$package_name from $target needs libc6 $1, this machine has $libc" \
      'upgrade the system, or build Unicorn and set KMEMU_UNICORN'
}

unpack() {
  needed_libc=$(dpkg-deb -f "$deb" Depends | sed -n 's/.*libc6 (>= \([^)]*\)).*/\1/p')
  [ -z "$needed_libc" ] || check_libc "$needed_libc"
  version=$(dpkg-deb -f "$deb" Version)
  serves "${version#*:}" || cannot_fetch "$target has only $version"
  dpkg-deb -x "$deb" "$scratch/tree" || cannot_fetch "$deb can't be unpacked" 'free some disk space'
  rm -rf "${cache:?}/unicorn/$version"
  mv "$scratch/tree" "$cache/unicorn/$version"
  cached_library || cannot_fetch "$package_name $version holds no libunicorn.so.2"
}

fetch_library() {
  can_fetch ||
    cannot_fetch "${too_old:+only $too_old is installed, }2.1 or newer is needed and there is no apt to fetch it" \
      'brew install unicorn, dnf install unicorn or pacman -S unicorn; or set KMEMU_UNICORN to its path'
  read_release_name
  check_libc "$oldest_libc"
  mkdir -p "$cache/unicorn" 2>/dev/null || cannot_fetch "$cache can't be made" 'set XDG_CACHE_HOME'
  lock "$cache/unicorn/.lock" setup
  # Another start may have fetched it while this one waited.
  if ! cached_library; then
    notice "fetching $package_name from $target (first run only)..."
    # Whoever left one of these is gone: the lock is ours.
    rm -rf "$cache"/unicorn/.fetch.*
    scratch=$cache/unicorn/.fetch.$$
    mkdir "$scratch" "$scratch/empty"
    write_apt_configuration
    private_sources
    download
    unpack
    library_fetched=yes
    rm -rf "$scratch"
    scratch=
  fi
  unlock
}
