#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs all tests: see --help.
set -euo pipefail

usage()
{
    cat <<'END'
usage: tests/run.sh [options]

Runs all tests, in three steps:
  1. set the machine up: install what is missing with apt-get; fetch Debian's arm64 kernels, busybox
     and libfdt, and QEMU 10 if the system's is older, into build/deps
  2. build everything
  3. run the tests
The last line is "N passed, N failed"; the exit status is 0 if none failed. A build that fails counts
as a failure, and so does a test that could not run. If QEMU 10 cannot be had, that is one failure,
and all tests run except those on its CPUs.

The groups of tests:
  unit        build machine, GCC: pure code under sanitizers, checks of the sources
  unit-clang  the same tests of pure code with Clang
  gcc         AArch64, GCC: guests in QEMU, Linux, checks of the archive
  clang       the same with Clang

Options:
  --quick         run only unit, unit-clang and the checks of the two archives; no QEMU
  --filter REGEX  run only the tests whose names match, as with `ctest -R`
  --qemu PATH     use this qemu-system-aarch64 instead of the system's; if it is QEMU 10 or later,
                  also instead of the fetched QEMU 10
  --help          print this text

To run some tests of one group, after a build: ctest --preset gcc -R guests/
END
}

wrong()
{
    printf 'tests/run.sh: %s\n' "$*" >&2
    exit 2
}

quick='' filter='' qemu=qemu-system-aarch64
while [ $# -gt 0 ]; do
    case $1 in
    --quick) quick=yes ;;
    --filter)
        [ $# -ge 2 ] || wrong "--filter needs a value"
        filter=$2
        shift
        ;;
    --qemu)
        [ $# -ge 2 ] || wrong "--qemu needs a value"
        qemu=$2
        shift
        ;;
    --help | -h) usage && exit 0 ;;
    *) wrong "there is no option \"$1\" (see --help)" ;;
    esac
    shift
done

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# CMake, and the tests, are somewhere else.
[[ $qemu != */* ]] || qemu=$(realpath -m -- "$qemu")
cd "$root"
# shellcheck source=cmake/setup.sh
. cmake/setup.sh

[ "$qemu" = qemu-system-aarch64 ] || setup_qemu_version "$qemu" >/dev/null ||
    wrong "--qemu: \"$qemu\" is no qemu-system-aarch64 that runs here"

passed=0 failed=0 failures=()

failure()
{
    failed=$((failed + 1))
    failures+=("$1")
    printf 'FAILED: %s\n' "$1"
}

# In a subshell, for it ends the shell it is in when something cannot be had.
set_up()
(
    setup_tools gcc g++ libc6-dev clang libclang-rt-dev gcc-aarch64-linux-gnu \
        libc6-dev-arm64-cross cmake ninja-build libcmocka-dev libfdt-dev python3 clang-format git make shellcheck pkgconf doxygen
    setup_libfdt
    [ -n "$quick" ] || [ "$qemu" != qemu-system-aarch64 ] || setup_tools qemu-system-arm
    [ -n "$quick" ] || setup_linux
    [ -n "$quick" ] || setup_linux_rt
    [ -n "$quick" ] || setup_linux_headers linux
    [ -n "$quick" ] || setup_u_boot
    [ -n "$quick" ] || setup_uefi
)

# The build can do without QEMU 10: cmake/qemu.cmake.
set_up_qemu10()
{
    local log=$setup_deps/qemu10.log
    [ -z "$quick" ] || return 0
    ! setup_qemu_is_10 "$qemu" || return 0
    mkdir -p "$setup_deps"
    rm -f "$log"
    setup_qemu10 2>&1 | tee "$log" >&2 ||
        failure "QEMU 10 cannot be had ($(sed -n '$s/^libvcpu: //; $p' "$log"))"
}

build()
{
    local preset=$1 log=$setup_deps/build-$1.log
    if ! cmake --preset "$preset" -D "VCPU_QEMU=$qemu" >"$log" 2>&1 ||
        ! cmake --build --preset "$preset" >"$log" 2>&1; then
        tail -n 60 "$log"
        return 1
    fi
}

# What the report of a CTest run says: how many passed, then the names of those that did not.
# A test that was skipped, disabled or not found did not pass.
read_report()
{
    python3 - "$1" <<'END'
import sys
import xml.etree.ElementTree

cases = list(xml.etree.ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
print(sum(case.get("status") == "run" for case in cases))
for case in cases:
    if case.get("status") != "run":
        print(case.get("name"), "" if case.get("status") == "fail" else "(did not run)")
END
}

run_tests()
{
    local preset=$1 report=$root/build/$1/report.xml select=() lines line
    [ -z "$filter" ] || select+=(-R "$filter")
    # Nothing of the quick run needs QEMU.
    [ -z "$quick" ] || select+=(-E '^(guests|system|bench)/')
    rm -f "$report"
    ctest --preset "$preset" -j "$(nproc)" --output-junit "$report" "${select[@]}" ||
        true
    if ! mapfile -t lines < <(read_report "$report") || [ ${#lines[@]} -eq 0 ]; then
        failure "$preset: ctest wrote no report"
        return
    fi
    passed=$((passed + lines[0]))
    for line in "${lines[@]:1}"; do
        failure "$preset: $line"
    done
    if [ -z "$filter" ] && [ "${lines[0]}" -eq 0 ] && [ ${#lines[@]} -eq 1 ]; then
        failure "$preset: there was no test"
    fi
}

if ! set_up; then
    failure "set-up of the machine"
else
    set_up_qemu10
    mkdir -p "$setup_deps"
    for preset in unit unit-clang gcc clang; do
        printf '\n== %s\n' "$preset"
        if build "$preset"; then
            run_tests "$preset"
        else
            failure "$preset: the build, so none of its tests ran"
        fi
    done
fi

if [ $((passed + failed)) -eq 0 ]; then
    failure "no test has a name that matches \"$filter\""
fi
if [ "$failed" -gt 0 ]; then
    printf '\nFailed:\n'
    printf '  %s\n' "${failures[@]}"
fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
