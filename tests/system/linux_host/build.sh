#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# build.sh OUT: the programs of this folder, for the host of examples/linux.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$1/module"
out=$(cd "$1" && pwd)
cp -up "$here"/{Kbuild,el2.c} "$out/module/"
make -C "$here/../../../build/deps/linux-headers/build" M="$out/module" ARCH=arm64 \
    CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc CONFIG_DEBUG_INFO_BTF_MODULES= modules
aarch64-linux-gnu-strip -d -o "$out/el2.ko" "$out/module/el2.ko"
aarch64-linux-gnu-gcc -std=gnu11 -Wall -Wextra -Werror -O2 -static -o "$out/fp" "$here/fp.c"
