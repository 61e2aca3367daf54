#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs guests on the mini-host in QEMU: see --help.
set -euo pipefail

usage()
{
    cat <<'END'
usage: examples/run.sh [options] [--vm [options]]...

Runs guests on libvcpu: QEMU's "virt" machine starts the mini-host at EL2, and the mini-host runs
the guests in this terminal. Default: one guest, Debian's arm64 kernel with a busybox shell, on 2
CPUs. The script first installs what is missing (with apt-get, or under build/) and builds the
mini-host.

Options of a virtual machine
  --vm             starts another VM, at most 8; the options of this section after it are for that
                   VM. Those before the first --vm are defaults for all
  --demo           run a bare-metal guest made with examples/guest-kit; needs no kernel
  --kernel FILE    an arm64 Linux Image, or a flat binary that starts at RAM base + 0x80000 with
                   the device tree's address in x0
  --initrd FILE    an initrd for that kernel
  --append TEXT    the kernel's command line; for Debian's kernel it is added to the usual one
  --firmware FILE  an image that starts at address 0, as for QEMU's -bios, with the device tree at
                   RAM base; "u-boot" and "uefi" are Debian's
  --vcpus N        number of vCPUs, 1 to 8; default: the number of the machine's CPUs
  --memory MIB     memory, 64 to 4096; default 512
  --pmu            with a performance monitor (PMUv3), which counts what this guest does
  --times          the table of its exits, printed at its end, says how long the host took
  --name NAME      if there are several VMs: its lines begin with this; default vm1, vm2, ...

Options of the machine
  --cpus N         number of CPUs, 1 to 8, which all VMs share; default 2
  --gic 2|3        version of the interrupt controller; default 3
  --cpu MODEL      QEMU's name of the CPU: cortex-a53, cortex-a57, cortex-a72 (default), cortex-a76,
                   neoverse-n1, max or another 64-bit one with EL2; with QEMU 10 also cortex-a55,
                   cortex-a710, neoverse-v1, neoverse-n2
  --vhe            the mini-host is a VHE host (HCR_EL2.E2H = 1); the CPU is then cortex-a76 by
                   default, and can be neoverse-n1 or max
  --qemu PATH      the qemu-system-aarch64 to use; default: $VCPU_QEMU if it is set, or else the one
                   in the PATH
  --harden         each exit does what the CPU needs against a guest that trained its branch predictor,
                   and looks for the guest's SErrors; not with --direct
  --host linux     Debian's Linux is the host instead of the mini-host, with a module and a small VMM
                   (examples/linux), on a VHE CPU: for one VM with a kernel, and a GICv3
  --host-shell     with --host: a shell of the host's, where "sh /run" starts the guest
  --direct         the guest has the machine's interrupt controller, timers and UART to itself, and
                   a CPU for each vCPU: for one VM with a kernel. Without it these are virtual

Other
  --build DIR      use the mini-host in this build directory; install and build nothing
  --dry-run        print the QEMU command, one argument on each line, and do not run it
  --help           print this text

Keys: Ctrl-A X ends QEMU; Ctrl-A H shows QEMU's other keys. Ctrl-C goes to the guest. With several
VMs: Ctrl-T and a digit, or n for the next one, select the VM that gets the keys; Ctrl-T t shows the
machine's time; Ctrl-T Ctrl-T sends a Ctrl-T to the guest.

Exit status: 0 if all guests powered off, or Ctrl-A X ended QEMU; 1 if a guest reset in direct mode,
failed or could not be started; 2 for a wrong option.
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

# given[VM:OPTION] is what was said, by the VM's number; number 0 is what stands before any --vm.
declare -A given=()
vm_count=0 build='' dry_run='' mode=virtual vhe='' harden='' host='' host_shell=''
cpus=2 gic=3 qemu=${VCPU_QEMU-qemu-system-aarch64}
unset cpu

# get VM OPTION DEFAULT
get()
{
    printf '%s' "${given[$1:$2]-${given[0:$2]-$3}}"
}

# guest KIND: what the VM runs, which is told once.
guest()
{
    [ -z "${given[$vm_count:guest]-}" ] || [ "${given[$vm_count:guest]}" = "$1" ] ||
        wrong "--${given[$vm_count:guest]} and --$1 are two different guests"
    given[$vm_count:guest]=$1
}

while [ $# -gt 0 ]; do
    option=$1
    case $option in
    --kernel | --initrd | --append | --firmware | --vcpus | --memory | --name | --cpus | --gic | \
        --cpu | --qemu | --build | --host)
        [ $# -ge 2 ] || wrong "$option needs a value (see --help)"
        value=$2
        shift 2
        ;;
    *) shift ;;
    esac
    case $option in
    --help | -h) usage && exit 0 ;;
    --vm)
        [ $vm_count -lt 8 ] || wrong "there are more than 8 --vm"
        vm_count=$((vm_count + 1))
        ;;
    --demo) guest demo ;;
    --kernel) guest kernel && given[$vm_count:kernel]=$value ;;
    --firmware) guest firmware && given[$vm_count:firmware]=$value ;;
    --initrd) given[$vm_count:initrd]=$value ;;
    --append) given[$vm_count:append]=$value ;;
    --vcpus) number "$option" "$value" 1 8 && given[$vm_count:vcpus]=$value ;;
    --memory) number "$option" "$value" 64 4096 && given[$vm_count:memory]=$value ;;
    --pmu) given[$vm_count:pmu]=yes ;;
    --times) given[$vm_count:times]=yes ;;
    --name)
        [[ $value =~ ^[A-Za-z0-9._-]{1,15}$ ]] ||
            wrong "--name takes 1 to 15 letters, digits and . _ -, not \"$value\""
        given[$vm_count:name]=$value
        ;;
    --cpus) number "$option" "$value" 1 8 && cpus=$value ;;
    --gic) number "$option" "$value" 2 3 && gic=$value ;;
    --cpu) cpu=$value ;;
    --qemu) qemu=$value ;;
    --vhe) vhe=yes ;;
    --harden) harden=yes ;;
    --direct) mode=direct ;;
    --host)
        [ "$value" = linux ] || wrong "--host takes linux, not \"$value\""
        host=$value
        ;;
    --host-shell) host_shell=yes ;;
    --build)
        [ -d "$value" ] || wrong "there is no directory \"$value\""
        build=$value
        ;;
    --dry-run) dry_run=yes ;;
    *) wrong "there is no option \"$option\" (see --help)" ;;
    esac
done
[ $vm_count -gt 0 ] || vm_count=1

check_file()
{
    [ -f "$1" ] || wrong "there is no file \"$1\""
    [ -r "$1" ] || wrong "\"$1\" cannot be read"
    [ -s "$1" ] || wrong "\"$1\" is empty"
}

# has_use VM OPTION: for what the VM runs.
has_use()
{
    case $2,$(get "$1" guest debian) in
    initrd,kernel | append,debian | append,demo | append,kernel) ;;
    *) return 1 ;;
    esac
}

# check_use OPTION COMPLAINT: a VM that says the option has use for it, and of an option that is for
# all at least one has.
check_use()
{
    local vm used=
    for ((vm = 1; vm <= vm_count; vm++)); do
        if has_use $vm "$1"; then
            used=yes
        elif [ -n "${given[$vm:$1]+said}" ]; then
            wrong "$2"
        fi
    done
    [ -n "$used" ] || [ -z "${given[0:$1]+said}" ] || wrong "$2"
}

# Names tell consoles apart.
check_names()
{
    local vm name
    declare -A taken=()
    for ((vm = 1; vm <= vm_count; vm++)); do
        name=$(get $vm name "vm$vm")
        [ -z "${taken[$name]-}" ] || wrong "two VMs have the name \"$name\""
        taken[$name]=yes
    done
}

# check_vm VM: what it says, taken together.
check_vm()
{
    case $(get "$1" guest debian) in
    kernel)
        check_file "$(get "$1" kernel '')"
        [ -z "$(get "$1" initrd '')" ] || check_file "$(get "$1" initrd '')"
        ;;
    firmware)
        [ $mode = virtual ] || wrong "--firmware and --direct do not go together"
        case $(get "$1" firmware '') in
        u-boot | uefi) ;;
        *) check_file "$(get "$1" firmware '')" ;;
        esac
        ;;
    esac
    [ $mode = virtual ] || [ "$(get "$1" vcpus "$cpus")" -le "$cpus" ] ||
        wrong "--direct takes a CPU for each vCPU, and --cpus says $cpus"
}

[ $mode = virtual ] || [ $vm_count -eq 1 ] || wrong "--direct takes one VM, not $vm_count"
check_use initrd "--initrd needs --kernel"
check_use append "--append is for a kernel, and --firmware has none"
[ -z "$harden" ] || [ $mode = virtual ] || wrong "--harden is not for --direct"
check_names
for ((vm = 1; vm <= vm_count; vm++)); do
    check_vm $vm
done
[ -z "$host_shell" ] || [ -n "$host" ] || wrong "--host-shell needs --host"
if [ -n "$host" ]; then
    [ $vm_count -eq 1 ] || wrong "--host $host takes one VM, not $vm_count"
    [ $mode = virtual ] || wrong "--host $host and --direct do not go together"
    [ "$gic" = 3 ] || wrong "--host $host takes a GICv3"
    case $(get 1 guest debian) in
    debian | kernel) vhe=yes ;;
    *) wrong "--host $host takes a kernel as its guest" ;;
    esac
fi
if [ -n "$vhe" ]; then
    cpu=${cpu-cortex-a76}
fi
cpu=${cpu-cortex-a72}
# By name, for QEMU has 32-bit models as well.
[[ $cpu =~ ^(cortex-(a(35|5[3-9]|[67][0-9]|[5-9][0-9]{2})|x[0-9]+)[a-z]*|neoverse-[a-z0-9]+|a64fx|max)$ ]] ||
    wrong "--cpu takes a 64-bit CPU of QEMU's, not \"$cpu\" (see --help)"
# The CPUs of Armv8.0 have no FEAT_VHE.
case ${vhe:+$cpu} in
cortex-a35 | cortex-a53 | cortex-a57 | cortex-a72 | cortex-a73)
    wrong "--vhe takes a CPU that has FEAT_VHE, and $cpu has not (see --cpu)"
    ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=cmake/setup.sh
. "$root/cmake/setup.sh"

build_mini_host()
{
    local log=$setup_deps/build.log
    [ "$qemu" != qemu-system-aarch64 ] || setup_tools qemu-system-arm
    setup_tools gcc-aarch64-linux-gnu libc6-dev-arm64-cross cmake ninja-build python3
    setup_libfdt
    setup_lock
    cd "$root"
    setup_logged "$log" cmake --preset gcc || fail "cmake could not configure build/gcc"
    setup_logged "$log" cmake --build --preset gcc --target mini-host guest-demo-bin ||
        fail "the mini-host does not build"
    cd "$OLDPWD"
    setup_unlock
}

build_linux_host()
{
    local log=$setup_deps/build-linux.log
    [ "$qemu" != qemu-system-aarch64 ] || setup_tools qemu-system-arm
    setup_tools gcc-aarch64-linux-gnu libc6-dev-arm64-cross cmake ninja-build python3 make
    setup_libfdt
    setup_linux
    setup_linux_headers linux
    setup_lock
    setup_logged "$log" "$root/examples/linux/build.sh" "$root/build/gcc/examples/linux" \
        "$root/cmake/toolchain-aarch64-gcc.cmake" || fail "the Linux host does not build"
    setup_unlock
}

if [ -z "$build" ] && [ -n "$host" ]; then
    build_linux_host
    build=$root/build/gcc
fi
if [ -z "$build" ]; then
    build_mini_host
    for ((vm = 1; vm <= vm_count; vm++)); do
        case $(get $vm guest debian),$(get $vm firmware '') in
        debian,*) setup_linux ;;
        firmware,u-boot) setup_u_boot ;;
        firmware,uefi) setup_uefi ;;
        esac
    done
    build=$root/build/gcc
fi

setup_qemu_version "$qemu" >/dev/null ||
    wrong "--qemu: \"$qemu\" is no qemu-system-aarch64 that runs here"
# Behind a name newer ones may say more.
"$qemu" -machine virt -cpu help | grep -qE "^ *$cpu( |\$)" ||
    wrong "--cpu: this QEMU has no \"$cpu\""

need()
{
    [ -f "$1" ] || fail "$1 is missing; without --build it is made or fetched"
}

# The Linux host has the guest's files in its initrd, beside a script that runs them.
run_linux_host()
{
    local host_files folder kernel=$setup_deps/linux/Image initrd=$setup_deps/initrd.cpio.gz memory file
    local append="console=ttyAMA0 panic=1" given_append
    # More files for the host, for tests.
    read -r -a host_files <<<"${VCPU_HOST_FILES:-}"
    memory=$(get 1 memory 512)
    given_append=$(get 1 append '')
    if [ "$(get 1 guest debian)" = kernel ]; then
        kernel=$(get 1 kernel '') initrd=$(get 1 initrd '') append=$given_append
    elif [ -n "$given_append" ]; then
        append+=" $given_append"
    fi
    for file in "$build"/examples/linux/{libvcpu.ko,vmm} "$setup_deps/linux/Image"; do
        need "$file"
    done
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' RETURN
    cp "$kernel" "$folder/kernel"
    [ -z "$initrd" ] || cp "$initrd" "$folder/initrd"
    cat >"$folder/run" <<END
/vmm -c $(get 1 vcpus "$cpus") -m $memory ${initrd:+-i /initrd} -a ${append@Q} /kernel
END
    python3 "$root/cmake/initrd.py" "$root/examples/linux/host_init" "$setup_deps/busybox/busybox" \
        "$folder/host.cpio.gz" "$build"/examples/linux/{libvcpu.ko,vmm} "$folder/kernel" \
        ${initrd:+"$folder/initrd"} "$folder/run" "${host_files[@]}"
    command=("$qemu" -machine "virt,virtualization=on,gic-version=3" -cpu "$cpu" -smp "$cpus"
        -m $((memory + 512)) -nic none -nographic -no-reboot
        -kernel "$setup_deps/linux/Image" -initrd "$folder/host.cpio.gz"
        -append "console=ttyAMA0 quiet panic=1 kvm-arm.mode=${VCPU_HOST_KVM:-none}${host_shell:+ vcpu.shell}")
    if [ -n "$dry_run" ]; then
        printf '%s\n' "${command[@]}"
    else
        "${command[@]}"
    fi
}

if [ -n "$host" ]; then
    run_linux_host
    exit
fi

mini_host=$build/examples/mini-host/mini-host.bin
need "$mini_host"

# The host's memory, from its base: the mini-host, QEMU's device tree at 128 MiB, the guests' files
# from 160 MiB on, and then as much as the guests get with some for the host's tables.
mib=$((1024 * 1024))
ram=$((0x40000000))
address=$((ram + 160 * mib))
host_memory=64 # beside what is counted below, in MiB
modules=() words="mode=$mode${vhe:+ host=vhe}${harden:+ harden}"
declare -A loaded=()

# load FILE PROPERTIES: QEMU puts the file at a multiple of 2 MiB and tells of it in the host's device
# tree. $module is where; VMs with the same file and the same properties share it.
load()
{
    local size
    if [ -z "${loaded[$1,$2]-}" ]; then
        need "$1"
        printf -v module '0x%x' $address
        modules+=(-device "guest-loader,addr=$module,$2")
        loaded[$1,$2]=$module
        size=$(stat -L -c %s "$1")
        address=$(((address + size + 2 * mib - 1) & ~(2 * mib - 1)))
    fi
    module=${loaded[$1,$2]}
}

load_kernel()
{
    load "$1" "kernel=$(escape "$1"),bootargs=$(escape "$2")"
    words+=" kernel=$module"
}

load_initrd()
{
    load "$1" "initrd=$(escape "$1")"
    words+=" initrd=$module"
}

# Copied for the VM, unlike a kernel, beside its memory: and what it writes is kept in memory too.
load_firmware()
{
    local file=$1
    case $file in
    u-boot) file=$setup_deps/u-boot/u-boot.bin ;;
    uefi) file=$setup_deps/uefi/QEMU_EFI.fd ;;
    esac
    load "$file" "kernel=$(escape "$file")"
    words+=" firmware=$module"
    host_memory=$((host_memory + 2 * 64))
}

# describe VM: its words for the mini-host, and its files.
describe()
{
    local memory append
    memory=$(get "$1" memory 512)
    append=$(get "$1" append '')
    words+=" vm vcpus=$(get "$1" vcpus "$cpus") memory=$memory"
    [ -z "$(get "$1" pmu '')" ] || words+=" pmu"
    [ -z "$(get "$1" times '')" ] || words+=" times"
    [ -z "$(get "$1" name '')" ] || words+=" name=$(get "$1" name '')"
    host_memory=$((host_memory + memory + 8))
    case $(get "$1" guest debian) in
    demo) load_kernel "$build/examples/guest-kit/guest-demo.bin" "$append" ;;
    kernel)
        load_kernel "$(get "$1" kernel '')" "$append"
        [ -z "$(get "$1" initrd '')" ] || load_initrd "$(get "$1" initrd '')"
        ;;
    firmware) load_firmware "$(get "$1" firmware '')" ;;
    debian)
        # panic=1: a kernel that panics resets, and in direct mode so ends QEMU with a failure.
        load_kernel "$setup_deps/linux/Image" "console=ttyAMA0 panic=1${append:+ $append}"
        load_initrd "$setup_deps/initrd.cpio.gz"
        ;;
    esac
}

for ((vm = 1; vm <= vm_count; vm++)); do
    describe $vm
done
host_memory=$((host_memory + (address - ram) / mib))

command=("$qemu"
    -machine "virt,virtualization=on,gic-version=$gic" -cpu "$cpu" -smp "$cpus" -m "$host_memory"
    -nic none -nographic -no-reboot
    # The mini-host reports failure by a panic: QEMU then ends with status 1.
    -device pvpanic-pci -action panic=exit-failure
    -kernel "$mini_host" -append "$words" "${modules[@]}")

if [ -n "$dry_run" ]; then
    printf '%s\n' "${command[@]}"
    exit 0
fi

# QEMU makes the terminal raw, so that each key goes to the guest, and gives it back at its end;
# this does so as well when QEMU is killed.
if [ -t 0 ]; then
    terminal=$(stty -g)
    trap 'stty "$terminal"' EXIT
    echo "Ctrl-A X ends QEMU." >&2
    [ $vm_count -eq 1 ] || echo "Ctrl-T 1 to $vm_count selects who gets the keys." >&2
fi
status=0
"${command[@]}" || status=$?
exit $status
