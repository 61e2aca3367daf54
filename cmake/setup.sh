# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Set-up of the machine, sourced by examples/run.sh, tests/run.sh and tests/debian.sh. Each names
# what it needs; what is there already costs a look and nothing else.
#
#   setup_tools PACKAGE...   commands and libraries of the build machine, by their Debian package
#   setup_libfdt             build/deps/arm64-root: libfdt's headers and archive for AArch64
#   setup_linux              build/deps/linux/Image and build/deps/initrd.cpio.gz
#   setup_linux_rt           build/deps/linux-rt/Image, Debian's PREEMPT_RT kernel
#   setup_linux_headers NAME build/deps/NAME-headers, to build modules for that kernel (linux, linux-rt)
#   setup_u_boot             build/deps/u-boot/u-boot.bin, for QEMU virt
#   setup_uefi               build/deps/uefi/QEMU_EFI.fd, likewise
#   setup_qemu10             build/deps/qemu10/qemu-system-aarch64, QEMU 10 of the release's backports;
#                            nothing where the system's QEMU is that new
#
# Only setup_tools changes the machine, by installing packages. The others unpack packages under
# build/deps, with a state of apt's own there: arm64 packages of the apt sources that this machine
# has, and backports of the same mirror. No foreign architecture and no source is added to the
# system, no root is needed, and signatures are checked.
# A directory in build/deps is complete when it exists, for it is moved there in one step.

setup_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
setup_deps=$setup_root/build/deps
setup_keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# Part of each stamp: raised when this file puts something else into a directory.
setup_recipe=1

setup_say()
{
    printf 'libvcpu: %s\n' "$*" >&2
}

setup_fail()
{
    setup_say "$*"
    exit 1
}

# Runs a command with its output in a log, which is shown when the command fails.
setup_logged()
{
    local log=$1
    shift
    # A log of an earlier run with sudo is root's.
    rm -f "$log"
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        return 1
    fi
}

# Is what a Debian package would bring already there, from wherever?
setup_have()
{
    case $1 in
    qemu-system-arm) command -v qemu-system-aarch64 ;;
    gcc-aarch64-linux-gnu) command -v aarch64-linux-gnu-gcc ;;
    debian-archive-keyring) [ -e "$setup_keyring" ] ;;
    ninja-build) command -v ninja ;;
    pkgconf) command -v pkg-config ;;
    libfdt-dev) echo '#include <libfdt.h>' | gcc -E -x c - ;;
    libc6-dev) echo '#include <stdio.h>' | gcc -E -x c - ;;
    # GCC's own limits.h, which libfdt's headers include, asks for the C library's.
    libc6-dev-arm64-cross) echo '#include <limits.h>' | aarch64-linux-gnu-gcc -E -x c - ;;
    libcmocka-dev)
        printf '#include <%s>\n' stdarg.h stddef.h stdint.h setjmp.h cmocka.h | gcc -E -x c -
        ;;
    # Clang's sanitizers.
    libclang-rt-dev) echo 'int main(void) { return 0; }' |
        clang -fsanitize=address,undefined -x c - -o /dev/null ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

setup_as_root()
{
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

setup_apt_update()
{
    setup_logged "$setup_deps/apt-update.log" setup_as_root apt-get -q update
}

# Recommended packages stay out: QEMU's alone would bring a desktop's worth.
setup_apt_install()
{
    setup_logged "$setup_deps/apt-install.log" setup_as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y --no-install-recommends install "$@"
}

setup_tools()
{
    local package missing=() updated=
    for package in "$@"; do
        setup_have "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null ||
        setup_fail "this needs what Debian packages as: ${missing[*]}. Please install it."
    [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
        setup_fail "please install as root: apt-get install ${missing[*]}"

    setup_say "installing with apt-get: ${missing[*]}"
    mkdir -p "$setup_deps"
    # Missing lists, or lists of more than a day ago: those may name versions that are gone.
    if ! find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' 2>/dev/null | grep . >/dev/null ||
        ! find /var/lib/apt/lists -maxdepth 0 -mtime -1 | grep . >/dev/null; then
        setup_apt_update || setup_fail "apt-get update failed"
        updated=1
    fi
    # One more try with fresh lists, unless these are.
    if ! setup_apt_install "${missing[@]}"; then
        if [ -n "$updated" ] || ! setup_apt_update || ! setup_apt_install "${missing[@]}"; then
            setup_fail "apt-get could not install: ${missing[*]}"
        fi
    fi
    for package in "${missing[@]}"; do
        setup_have "$package" || setup_fail "$package is installed, but what it is for is not there"
    done
}

# One process at a time works in build/deps.
setup_lock()
{
    mkdir -p "$setup_deps"
    exec 9>"$setup_deps/.lock"
    flock 9
}

setup_unlock()
{
    exec 9>&-
}

# setup_apt_begin NAME ARCHITECTURE: a configuration of apt for packages of that architecture, with
# its lists and caches in build/deps/NAME; $setup_apt is the file. Nothing is installed there. Hooks
# of the system's configuration (which clean the system's caches, or tell a desktop) have no business
# here and are cleared.
setup_apt_begin()
{
    local apt=$setup_deps/$1
    if ! command -v apt-get || ! command -v dpkg-deb; then
        setup_fail "this needs apt-get and dpkg-deb, to fetch Debian's packages"
    fi >/dev/null
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
    : >"$apt/status"
    setup_apt=$apt/apt.conf
    cat >"$setup_apt" <<END
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "$2";
APT::Architectures { "$2"; };
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Dir::State "$apt/state";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
END
}

# setup_apt_lists WHAT: reads the sources' lists, once in a run.
setup_apt_lists()
{
    [[ "${setup_apt_read:-}" != *" $setup_apt "* ]] || return 0
    setup_logged "${setup_apt%.conf}-update.log" apt-get -c "$setup_apt" -q update ||
        setup_fail "apt-get could not read the lists of $1"
    setup_apt_read="${setup_apt_read:-} $setup_apt "
}

setup_apt_arm64()
{
    setup_apt_begin apt arm64
    setup_apt_lists "its sources for arm64"
}

# setup_mirror RELEASE: the mirror that this machine's apt sources name for a release of Debian. Apt
# also has sources that are none: a CD (cdrom:), a file with a list of mirrors (mirror+file:).
setup_mirror()
{
    local mirror
    # $(...) are apt's own fields.
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(RELEASE) $(CODENAME) $(REPO_URI)' \
        'Identifier: Packages' 'Component: main' 2>/dev/null |
        awk -v name="$1" '($1 == name || $2 == name) && $NF ~ /^(https?|file):/ { print $NF }' |
        sed -n 1p)
    [ -n "$mirror" ] || setup_fail \
        "the apt sources name no mirror of Debian's $1 by http, https or file: please add one"
    echo "$mirror"
}

# setup_apt_suite SUITE RELEASE: packages for this machine, of a suite (backports, say) that its
# sources need not have, on the mirror that they name for the release. What the system has installed
# counts, so that only what differs from it is fetched.
setup_apt_suite()
{
    local mirror options=''
    setup_apt_begin "apt-$1" "$(dpkg --print-architecture)"
    mirror=$(setup_mirror "$2") || exit 1
    [ ! -e "$setup_keyring" ] || options="[signed-by=$setup_keyring] "
    printf 'deb %s main\n' "$options$mirror $2" "$options$mirror $1" >"${setup_apt%.conf}.list"
    cat >>"$setup_apt" <<END
Dir::State::status "/var/lib/dpkg/status";
Dir::Etc::sourcelist "${setup_apt%.conf}.list";
Dir::Etc::sourceparts "/dev/null";
END
    setup_apt_lists "$1"
}

# setup_fetch PACKAGE DIRECTORY: the package's .deb into the (empty) directory.
setup_fetch()
{
    setup_say "fetching Debian's $1"
    (cd "$2" && setup_logged download.log apt-get -c "$setup_apt" -q download "$1") ||
        setup_fail "apt-get could not download $1"
}

# setup_begin NAME: succeeds if build/deps/NAME must be made anew; $setup_new is where.
setup_begin()
{
    [ "$(cat "$setup_deps/$1/.recipe" 2>/dev/null)" != "$setup_recipe" ] || return 1
    rm -rf "$setup_deps/$1".new.*
    setup_new=$setup_deps/$1.new.$$
    mkdir -p "$setup_new/.fetch"
}

setup_end()
{
    rm -rf "$setup_new/.fetch" "${setup_deps:?}/$1"
    echo "$setup_recipe" >"$setup_new/.recipe"
    mv "$setup_new" "$setup_deps/$1" || setup_fail "$setup_deps/$1 cannot be made"
}

setup_libfdt()
{
    setup_lock
    if setup_begin arm64-root; then
        setup_apt_arm64
        setup_fetch libfdt-dev "$setup_new/.fetch"
        dpkg-deb -x "$setup_new"/.fetch/libfdt-dev_*.deb "$setup_new" ||
            setup_fail "libfdt-dev:arm64 does not unpack"
        [ -s "$setup_new/usr/lib/aarch64-linux-gnu/libfdt.a" ] ||
            setup_fail "libfdt-dev:arm64 holds no libfdt.a"
        setup_end arm64-root
    fi
    setup_unlock
}

# setup_holds DEB PATTERN: the name of the one file of a package that matches; fails if there is none.
setup_holds()
{
    dpkg-deb --fsys-tarfile "$1" | tar -t --wildcards "$2" 2>/dev/null
}

# setup_member DEB PATTERN FILE: the one file of a package that matches.
setup_member()
{
    local name
    name=$(setup_holds "$1" "$2") ||
        setup_fail "$(basename "$1") holds no $2"
    dpkg-deb --fsys-tarfile "$1" | tar -x -O "$name" >"$3" || setup_fail "$1 does not unpack"
}

# setup_linux_image NAME METAPACKAGE: build/deps/NAME/Image, of the kernel that the package stands for.
setup_linux_image()
{
    local package deb binary
    setup_begin "$1" || return 0
    setup_apt_arm64
    # The metapackage names the release's newest kernel.
    package=$(apt-cache -c "$setup_apt" depends "$2" 2>/dev/null |
        sed -n 's/^ *Depends: \(linux-image-[0-9][^ ]*\)$/\1/p' | head -n 1)
    [ -n "$package" ] || setup_fail "the apt sources have no $2"
    setup_fetch "$package" "$setup_new/.fetch"
    deb=$(echo "$setup_new/.fetch/$package"_*.deb)
    if setup_holds "$deb" './boot/vmlinuz-*' >/dev/null; then
        setup_member "$deb" './boot/vmlinuz-*' "$setup_new/Image"
    else
        # From Linux 7 on that package has no file; the kernel is in one that it depends on.
        binary=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' |
            sed -n 's/^ *\(linux-binary-[0-9][^ ]*\).*/\1/p' | head -n 1)
        [ -n "$binary" ] || setup_fail "$package neither holds a kernel nor depends on linux-binary-*"
        setup_fetch "$binary" "$setup_new/.fetch"
        setup_member "$setup_new/.fetch/$binary"_*.deb './usr/lib/modules/*/vmlinuz' \
            "$setup_new/Image"
    fi
    # Some releases compress it.
    if [ "$(head -c 2 "$setup_new/Image" | od -An -tx1)" = " 1f 8b" ]; then
        mv "$setup_new/Image" "$setup_new/.fetch/Image.gz"
        gzip -d -c "$setup_new/.fetch/Image.gz" >"$setup_new/Image" ||
            setup_fail "the kernel of $package does not unpack"
    fi
    # arch/arm64's boot protocol has this magic number in each Image.
    [ "$(tail -c +57 "$setup_new/Image" | head -c 4)" = "ARMd" ] ||
        setup_fail "the kernel of $package is not an arm64 Image"
    echo "${package#linux-image-}" >"$setup_new/version"
    setup_end "$1"
}

setup_busybox()
{
    setup_begin busybox || return 0
    setup_apt_arm64
    setup_fetch busybox-static "$setup_new/.fetch"
    setup_member "$setup_new"/.fetch/busybox-static_*.deb '*/bin/busybox' "$setup_new/busybox"
    setup_end busybox
}

# The initrd follows its ingredients, so that a changed /init is seen at the next start.
setup_initrd()
{
    local parts=("$setup_root/cmake/initrd.py" "$setup_root/examples/linux/init"
        "$setup_deps/busybox/busybox") sum
    sum=$(cat "${parts[@]}" | sha256sum)
    if [ ! -f "$setup_deps/initrd.cpio.gz" ] ||
        [ "$(cat "$setup_deps/initrd.sum" 2>/dev/null)" != "$sum" ]; then
        python3 "${parts[@]}" "$setup_deps/initrd.cpio.gz.new" || setup_fail "no initrd was made"
        mv "$setup_deps/initrd.cpio.gz.new" "$setup_deps/initrd.cpio.gz"
        echo "$sum" >"$setup_deps/initrd.sum"
    fi
}

setup_linux()
{
    setup_lock
    setup_linux_image linux linux-image-cloud-arm64
    setup_busybox
    setup_initrd
    setup_unlock
}

setup_linux_rt()
{
    setup_lock
    setup_linux_image linux-rt linux-image-rt-arm64
    setup_unlock
}

# The headers say where the others of their packages are, by absolute names; and scripts for the build
# machine are the build machine's.
setup_linux_headers()
{
    local version package kbuild headers
    setup_lock
    version=$(cat "$setup_deps/$1/version")
    if setup_begin "$1-headers"; then
        setup_apt_arm64
        for package in "linux-headers-$version" $(apt-cache -c "$setup_apt" depends \
            "linux-headers-$version" | sed -n 's/^ *Depends: \(linux-headers-[^ ]*\)$/\1/p'); do
            setup_fetch "$package" "$setup_new/.fetch"
        done
        kbuild=$(apt-cache -c "$setup_apt" depends "linux-headers-$version" |
            sed -n 's/^ *Depends: \(linux-kbuild-[^ ]*\)$/\1/p' | head -n 1)
        setup_apt_begin apt-native "$(dpkg --print-architecture)"
        setup_apt_lists "its sources"
        setup_fetch "$kbuild" "$setup_new/.fetch"
        for package in "$setup_new"/.fetch/*.deb; do
            dpkg-deb -x "$package" "$setup_new" || setup_fail "$package does not unpack"
        done
        headers=usr/src/linux-headers-$version
        sed -i "s|/usr/src/|$setup_deps/$1-headers/usr/src/|" "$setup_new/$headers/Makefile" ||
            setup_fail "linux-headers-$version has no Makefile"
        ln -s "$headers" "$setup_new/build"
        setup_end "$1-headers"
    fi
    setup_unlock
}

setup_u_boot()
{
    setup_lock
    if setup_begin u-boot; then
        setup_apt_arm64
        setup_fetch u-boot-qemu "$setup_new/.fetch"
        setup_member "$setup_new"/.fetch/u-boot-qemu_*.deb '*/qemu_arm64/u-boot.bin' \
            "$setup_new/u-boot.bin"
        setup_end u-boot
    fi
    setup_unlock
}

setup_uefi()
{
    setup_lock
    if setup_begin uefi; then
        setup_apt_arm64
        setup_fetch qemu-efi-aarch64 "$setup_new/.fetch"
        setup_member "$setup_new"/.fetch/qemu-efi-aarch64_*.deb '*/qemu-efi-aarch64/QEMU_EFI.fd' \
            "$setup_new/QEMU_EFI.fd"
        setup_end uefi
    fi
    setup_unlock
}

# setup_qemu_version COMMAND: the version's first number, if that is a QEMU for AArch64 that runs here.
# Not grep -q, which ends at the first match: the QEMU that still writes would count as failed.
setup_qemu_version()
{
    "$1" --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9]*\)\..*/\1/p' | grep . &&
        "$1" -machine help 2>/dev/null | grep '^virt ' >/dev/null
}

# Of version 10 or later?
setup_qemu_is_10()
{
    local version
    version=$(setup_qemu_version "$1") && [ "$version" -ge 10 ]
}

# Its libraries are the system's, but for those that are too old for it.
setup_qemu10()
{
    local release suite package packages=(qemu-system-arm)
    ! setup_qemu_is_10 qemu-system-aarch64 || return 0
    setup_lock
    # It does not start any more when a library was removed from the system.
    setup_qemu_is_10 "$setup_deps/qemu10/qemu-system-aarch64" || rm -f "$setup_deps/qemu10/.recipe"
    if setup_begin qemu10; then
        # shellcheck source=/dev/null
        release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        suite=$release-backports
        setup_apt_suite "$suite" "$release"
        # Modules that it would look for, and find the system's of another version.
        [ ! -e "$(echo /usr/lib/*/qemu/ui-opengl.so)" ] || packages+=(qemu-system-modules-opengl)
        [ ! -e "$(echo /usr/lib/*/qemu/ui-spice-core.so)" ] || packages+=(qemu-system-modules-spice)
        setup_say "fetching QEMU 10 of $suite"
        setup_logged "$setup_new/.fetch/download.log" apt-get -c "$setup_apt" -q -y -d \
            -o Debug::NoLocking=true -o Dir::Cache::archives="$setup_new/.fetch" \
            --no-install-recommends -t "$suite" install "${packages[@]}" ||
            setup_fail "apt-get could not download ${packages[*]} of $suite"
        for package in "$setup_new"/.fetch/*.deb; do
            dpkg-deb -x "$package" "$setup_new" || setup_fail "$package does not unpack"
        done
        cat >"$setup_new/qemu-system-aarch64" <<'END'
#!/bin/sh
# Modules and data are its own: those of the system are of another version.
here=$(dirname "$(readlink -f "$0")")
QEMU_MODULE_DIR=$(echo "$here"/usr/lib/*/qemu)
LD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu*)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
export QEMU_MODULE_DIR LD_LIBRARY_PATH
exec "$here/usr/bin/qemu-system-aarch64" -L "$here/usr/share/qemu" "$@"
END
        chmod +x "$setup_new/qemu-system-aarch64"
        setup_qemu_is_10 "$setup_new/qemu-system-aarch64" ||
            setup_fail "qemu-system-arm of $suite does not start, or is older than QEMU 10"
        setup_end qemu10
    fi
    setup_unlock
}
