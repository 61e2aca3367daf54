#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Builds the Linux host: build.sh OUT TOOLCHAIN [KERNEL]
#
# OUT gets libvcpu.ko, for the kernel that build/deps/KERNEL-headers is of (default: linux), and vmm.
# TOOLCHAIN is a toolchain file of cmake/ for the library; Kbuild and vmm take GCC, as Debian's kernel does.
set -euo pipefail

out=$1 toolchain=$2 kernel=${3:-linux}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
deps=$root/build/deps
mkdir -p "$out/module" "$out/include"
out=$(cd "$out" && pwd)

# Linux has symbols that begin with vcpu_ itself, and some kernels guard their code with BTI.
cmake -S "$root" -B "$out/library" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$toolchain" -DVCPU_PREFIX=lvcpu_ \
    -DVCPU_BTI=ON -DVCPU_TESTS=OFF -DVCPU_EXAMPLES=OFF -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$out/library"

# Kbuild writes beside the sources.
cp -up "$root"/examples/linux/module/* "$out/module/"
cp -up "$root"/examples/linux/dev_vcpu.h "$out/"
make -C "$deps/$kernel-headers/build" M="$out/module" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
    CC=aarch64-linux-gnu-gcc CONFIG_DEBUG_INFO_BTF_MODULES= VCPU_SOURCE="$root" VCPU_BUILD="$out/library" modules
aarch64-linux-gnu-strip -d -o "$out/libvcpu.ko" "$out/module/libvcpu.ko"

cp -up "$deps"/arm64-root/usr/include/{fdt,libfdt,libfdt_env}.h "$out/include/"
aarch64-linux-gnu-gcc -std=gnu11 -Wall -Wextra -Werror -O2 -static -pthread \
    -I"$root/examples" -I"$out/include" -o "$out/vmm" "$root"/examples/linux/vmm/*.c \
    "$root"/examples/machine/{virt,guest_fdt,image,pl011}.c "$root/examples/bare-metal/text.c" \
    "$deps/arm64-root/usr/lib/aarch64-linux-gnu/libfdt.a"
