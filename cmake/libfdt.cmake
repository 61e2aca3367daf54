# vcpu_libfdt: libfdt for AArch64 from the unpacked package libfdt-dev, headers and archive. The
# target is not made when it is not there.
set(VCPU_DEPS_DIR ${PROJECT_SOURCE_DIR}/build/deps/arm64-root CACHE PATH
    "Root of unpacked arm64 packages (see cmake/setup.sh)")

set(libfdt_include ${VCPU_DEPS_DIR}/usr/include)
set(libfdt_archive ${VCPU_DEPS_DIR}/usr/lib/aarch64-linux-gnu/libfdt.a)
if(EXISTS ${libfdt_include}/libfdt.h AND EXISTS ${libfdt_archive})
    # Its headers are copied to a folder of their own: beside them stand those of other packages.
    configure_file(${libfdt_include}/fdt.h ${PROJECT_BINARY_DIR}/libfdt/fdt.h COPYONLY)
    configure_file(${libfdt_include}/libfdt.h ${PROJECT_BINARY_DIR}/libfdt/libfdt.h COPYONLY)
    configure_file(${libfdt_include}/libfdt_env.h ${PROJECT_BINARY_DIR}/libfdt/libfdt_env.h COPYONLY)
    add_library(vcpu_libfdt STATIC IMPORTED GLOBAL)
    set_target_properties(vcpu_libfdt PROPERTIES
        IMPORTED_LOCATION ${libfdt_archive}
        INTERFACE_INCLUDE_DIRECTORIES ${PROJECT_BINARY_DIR}/libfdt)
else()
    message(WARNING "No libfdt in ${VCPU_DEPS_DIR}, so no mini-host: run cmake/setup.sh, or set VCPU_DEPS_DIR")
endif()
