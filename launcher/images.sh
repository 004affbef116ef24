# Fetches third-party guest images from the machine's own package archive into the user's cache, as
# fetch.sh does libunicorn: tests boot them. They are found at $cache/images/PACKAGE/.
# shellcheck shell=sh disable=SC2034,SC2154

images='linux-image-cloud-amd64 busybox-static gnumach-image-1.8-486'

# What the documents boot beside those, for `setup --images`.
document_images='grub-invaders memtest86+'

# has_image PACKAGE: the marker's number grows when more of a package is kept.
has_image() {
  [ -f "$cache/images/$1/complete-2" ]
}

# unpack_image PACKAGE: of a package that only names another the other one is taken.
unpack_image() {
  deb=$(find "$scratch/deb" -name '*.deb' -print -quit)
  [ -n "$deb" ] || return
  mkdir -p "$scratch/tree/$1" &&
    dpkg-deb --fsys-tarfile "$deb" >"$scratch/tree/$1.tar" || return
  tar -x -f "$scratch/tree/$1.tar" -C "$scratch/tree/$1" --wildcards './boot/*' './bin/*' \
    './usr/bin/*' '*/virtio*.ko' 2>/dev/null
  rm -f "$scratch/tree/$1.tar" "$deb"
  [ -n "$(find "$scratch/tree/$1" -type f -print -quit)" ]
}

# fetch_image SOURCE PACKAGE
fetch_image() {
  rm -rf "$scratch/deb" && mkdir -p "$scratch/deb"
  await private_apt "$1" download "$2" || return
  deb=$(find "$scratch/deb" -name '*.deb' -print -quit)
  [ -n "$deb" ] || return
  real=$(dpkg-deb -f "$deb" Depends | sed -n 's/^\(linux-image-[0-9][^ ,]*\).*/\1/p')
  if [ -n "$real" ]; then
    rm -f "$deb"
    await private_apt "$1" download "$real" || return
  fi
  unpack_image "$2" || return
  : >"$scratch/tree/$2/complete-2"
  rm -rf "${cache:?}/images/$2"
  mv "$scratch/tree/$2" "$cache/images/$2"
}

cannot_fetch_image() {
  fail 3 images "$1" 'check the network and /etc/apt'
}

ensure_images() {
  missing=
  for image in $images; do
    has_image "$image" || missing="$missing $image"
  done
  [ -n "$missing" ] || return 0
  can_fetch || cannot_fetch_image "there is no apt to fetch$missing"
  read_release_name
  [ "$family" = debian ] || cannot_fetch_image "$missing are Debian's, this is $family"
  target=$codename component=main
  mkdir -p "$cache/images" 2>/dev/null || cannot_fetch_image "$cache can't be made"
  lock "$cache/images/.lock" images
  notice "fetching$missing from $target (first run only)..."
  rm -rf "$cache"/images/.fetch.*
  scratch=$cache/images/.fetch.$$
  mkdir "$scratch" "$scratch/empty"
  write_apt_configuration
  private_sources
  for source in "$scratch"/sources/*; do
    [ -e "$source" ] || cannot_fetch_image "/etc/apt has no enabled source of $target"
    rm -rf "$scratch/lists" "$scratch/cache" "$scratch/log"
    mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/deb"
    await private_apt "$source" update || continue
    for image in $missing; do
      has_image "$image" || fetch_image "$source" "$image" || break
    done
  done
  for image in $missing; do
    has_image "$image" || cannot_fetch_image \
      "apt couldn't get $image: $(sed -n 's/^E: *//p' "$scratch/log" | head -n 1)"
  done
  rm -rf "$scratch"
  scratch=
  unlock
}
