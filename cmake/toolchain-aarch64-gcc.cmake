# Cross build with GCC for AArch64.
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-aarch64.cmake)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_ASM_COMPILER aarch64-linux-gnu-gcc)
