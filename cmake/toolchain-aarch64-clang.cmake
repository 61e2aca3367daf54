# Cross build with Clang for AArch64; archives and links with GNU binutils.
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-aarch64.cmake)
set(CMAKE_C_COMPILER clang)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_ASM_COMPILER clang)
set(CMAKE_ASM_COMPILER_TARGET aarch64-linux-gnu)
