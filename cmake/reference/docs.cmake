# cmake --build . --target docs: the API reference, as HTML in docs/html of the build tree.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_program(VCPU_DOXYGEN doxygen)

set(docs ${PROJECT_BINARY_DIR}/docs)
configure_file(${PROJECT_SOURCE_DIR}/cmake/reference/Doxyfile.in ${docs}/Doxyfile @ONLY)
if(VCPU_DOXYGEN)
    add_custom_target(docs
        COMMAND ${CMAKE_COMMAND} -E rm -rf ${docs}/html
        COMMAND Python3::Interpreter ${PROJECT_SOURCE_DIR}/cmake/reference/reference.py front
            ${PROJECT_SOURCE_DIR} > ${docs}/front.dox
        COMMAND ${VCPU_DOXYGEN} ${docs}/Doxyfile
        COMMENT "API reference: ${docs}/html/index.html" VERBATIM)
else()
    add_custom_target(docs
        COMMAND ${CMAKE_COMMAND} -E echo "The API reference needs Doxygen (Debian: apt-get install doxygen)"
        COMMAND ${CMAKE_COMMAND} -E false VERBATIM)
endif()
