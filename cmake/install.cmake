# cmake --install: headers, the archive, find_package(vcpu) and pkg-config, documentation.
option(VCPU_INSTALL "Install the library" ${PROJECT_IS_TOP_LEVEL})
if(NOT VCPU_INSTALL)
    return()
endif()

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(VCPU_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/vcpu)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/vcpu
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
if(VCPU_PREFIX)
    install(FILES ${PROJECT_BINARY_DIR}/include/vcpu/prefix.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vcpu)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/ARCHITECTURE.md
    ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The API reference, if the target `docs` has made it.
install(DIRECTORY ${PROJECT_BINARY_DIR}/docs/html DESTINATION ${CMAKE_INSTALL_DOCDIR} OPTIONAL)
install(TARGETS vcpu EXPORT vcpu ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})

# The package needs no other, so the exported targets are its whole configuration.
install(EXPORT vcpu NAMESPACE vcpu:: DESTINATION ${VCPU_PACKAGE_DIR} FILE vcpuConfig.cmake)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vcpuConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vcpuConfigVersion.cmake DESTINATION ${VCPU_PACKAGE_DIR})

# The prefix is found from where the file lies, so an installed tree may be moved.
file(RELATIVE_PATH VCPU_PC_PREFIX
    /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
configure_file(${PROJECT_SOURCE_DIR}/cmake/vcpu.pc.in ${PROJECT_BINARY_DIR}/vcpu.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vcpu.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
