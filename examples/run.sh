#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a guest on the mini-host in QEMU. --help tells how.
set -euo pipefail

usage()
{
    cat <<'END'
usage: examples/run.sh [options]

Runs a guest on libvcpu: QEMU's "virt" machine starts the mini-host at EL2, and the mini-host runs
the guest in this terminal. Without options the guest is Debian's arm64 kernel with a busybox shell
on 2 vCPUs. What is needed is installed (with apt-get) or put under build/, and the mini-host is
built, first.

What runs
  (nothing)        Debian's kernel and busybox; "poweroff" ends it
  --demo           a bare-metal guest made with examples/guest-kit; needs no kernel
  --kernel FILE    an arm64 Linux Image, or a flat binary that starts at RAM base + 0x80000 with
                   the device tree's address in x0
  --initrd FILE    an initrd for that kernel
  --append TEXT    the guest's command line (of Debian's kernel: added to it)

The guest's machine
  --cpus N         vCPUs, 1 to 8, each on a CPU of its own; 2 if not given
  --memory MIB     its memory, 64 to 4096; 512 if not given
  --gic 2|3        version of the interrupt controller; 3 if not given
  --cpu MODEL      QEMU's name for the CPU: cortex-a53, cortex-a57, cortex-a72 (if not given),
                   cortex-a76, neoverse-n1, max or another 64-bit one with EL2
  --direct         the guest has the interrupt controller and the timers to itself. This is the
                   only mode that there is, and what is used if it is not given

Other
  --build DIR      use the mini-host of this build directory as it is; install and build nothing
  --dry-run        print the QEMU command, one argument a line, and do not run it
  --help           this text

Ctrl-A X ends QEMU, Ctrl-A H tells what else there is. Ctrl-C goes to the guest.

Exit status: 0 when the guest powered off (or Ctrl-A X ended it), 1 when it reset, failed or could
not be started, 2 for a wrong option.
END
}

wrong()
{
    printf 'run.sh: %s\n' "$*" >&2
    exit 2
}

fail()
{
    printf 'run.sh: %s\n' "$*" >&2
    exit 1
}

# number NAME VALUE LOW HIGH
number()
{
    if ! [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || [ "$2" -lt "$3" ] || [ "$2" -gt "$4" ]; then
        wrong "$1 takes a number from $3 to $4, not \"$2\""
    fi
}

# QEMU splits a device's properties at commas; a doubled one is a comma.
escape()
{
    printf '%s' "${1//,/,,}"
}

guest='' kernel='' initrd='' append='' build='' dry_run=''
cpus=2 memory=512 gic=3 cpu=cortex-a72

while [ $# -gt 0 ]; do
    option=$1
    case $option in
    --kernel | --initrd | --append | --cpus | --memory | --gic | --cpu | --build)
        [ $# -ge 2 ] || wrong "$option needs a value (see --help)"
        value=$2
        shift 2
        ;;
    *) shift ;;
    esac
    case $option in
    --help | -h) usage && exit 0 ;;
    --demo) guest=demo ;;
    --kernel) kernel=$value ;;
    --initrd) initrd=$value ;;
    --append) append=$value ;;
    --cpus) number "$option" "$value" 1 8 && cpus=$value ;;
    --memory) number "$option" "$value" 64 4096 && memory=$value ;;
    --gic) number "$option" "$value" 2 3 && gic=$value ;;
    --cpu) cpu=$value ;;
    --direct) ;;
    --build) build=$value ;;
    --dry-run) dry_run=yes ;;
    *) wrong "there is no option \"$option\" (see --help)" ;;
    esac
done

[ -z "$kernel" ] || [ -z "$guest" ] || wrong "--kernel and --demo are two different guests"
[ -n "$kernel" ] || [ -z "$initrd" ] || wrong "--initrd needs --kernel"
for file in "$kernel" "$initrd"; do
    [ -z "$file" ] || [ -f "$file" ] || wrong "there is no file \"$file\""
    [ -z "$file" ] || [ -r "$file" ] || wrong "\"$file\" cannot be read"
    [ -z "$file" ] || [ -s "$file" ] || wrong "\"$file\" is empty"
done
[ -z "$build" ] || [ -d "$build" ] || wrong "there is no directory \"$build\""
# By name, for QEMU has 32-bit models as well.
[[ $cpu =~ ^(cortex-a(35|5[3-9]|[67][0-9]+)|neoverse-[a-z0-9]+|a64fx|max)$ ]] ||
    wrong "--cpu takes a 64-bit CPU of QEMU's, not \"$cpu\" (see --help)"
if [ -z "$guest" ]; then
    [ -n "$kernel" ] && guest=kernel || guest=debian
fi

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=cmake/setup.sh
. "$root/cmake/setup.sh"

build_mini_host()
{
    local log=$setup_deps/build.log
    setup_tools qemu-system-arm gcc-aarch64-linux-gnu libc6-dev-arm64-cross cmake ninja-build \
        python3
    setup_libfdt
    setup_lock
    cd "$root"
    setup_logged "$log" cmake --preset gcc || fail "cmake could not configure build/gcc"
    setup_logged "$log" cmake --build --preset gcc --target mini-host guest-demo-bin ||
        fail "the mini-host does not build"
    cd "$OLDPWD"
    setup_unlock
}

if [ -z "$build" ]; then
    build_mini_host
    [ "$guest" != debian ] || setup_linux
    build=$root/build/gcc
fi

qemu-system-aarch64 -machine virt -cpu help | grep -qx " *$cpu" ||
    wrong "--cpu: this QEMU has no \"$cpu\""

case $guest in
demo) kernel=$build/examples/guest-kit/guest-demo.bin ;;
debian)
    kernel=$setup_deps/linux/Image
    initrd=$setup_deps/initrd.cpio.gz
    # panic=1: a kernel that panics resets, and so ends QEMU with a failure.
    append="console=ttyAMA0 panic=1${append:+ $append}"
    ;;
esac
mini_host=$build/examples/mini-host/mini-host.bin
for file in "$mini_host" "$kernel" ${initrd:+"$initrd"}; do
    [ -f "$file" ] || fail "$file is missing; without --build it is made or fetched"
done

# The host's memory, from its base: the mini-host, QEMU's device tree at 128 MiB, the guest's files
# from 160 MiB on, and then as much as the guest gets with some for the host's tables.
mib=$((1024 * 1024))
ram=$((0x40000000))

# address_after ADDRESS FILE: the next multiple of 2 MiB behind the file at the address.
address_after()
{
    local size
    size=$(stat -L -c %s "$2")
    echo $((($1 + size + 2 * mib - 1) & ~(2 * mib - 1)))
}

# loader ADDRESS PROPERTIES: QEMU puts a file there and tells of it in the host's device tree.
loader()
{
    modules+=(-device "guest-loader,addr=$(printf '0x%x' "$1"),$2")
}

modules=()
address=$((ram + 160 * mib))
loader "$address" "kernel=$(escape "$kernel"),bootargs=$(escape "$append")"
address=$(address_after "$address" "$kernel")
if [ -n "$initrd" ]; then
    loader "$address" "initrd=$(escape "$initrd")"
    address=$(address_after "$address" "$initrd")
fi
host_memory=$(((address - ram) / mib + memory + 64))

qemu=(qemu-system-aarch64
    -machine "virt,virtualization=on,gic-version=$gic" -cpu "$cpu" -smp "$cpus" -m "$host_memory"
    -nic none -nographic -no-reboot
    # The mini-host reports failure by a panic: QEMU then ends with status 1.
    -device pvpanic-pci -action panic=exit-failure
    -kernel "$mini_host" -append "mode=direct vcpus=$cpus memory=$memory" "${modules[@]}")

if [ -n "$dry_run" ]; then
    printf '%s\n' "${qemu[@]}"
    exit 0
fi

# QEMU makes the terminal raw, so that each key goes to the guest, and gives it back at its end;
# this does so as well when QEMU is killed.
if [ -t 0 ]; then
    terminal=$(stty -g)
    trap 'stty "$terminal"' EXIT
    echo "Ctrl-A X ends QEMU." >&2
fi
status=0
"${qemu[@]}" || status=$?
exit $status
