# The machines of the tests: VCPU_QEMU is a QEMU of any version. VCPU_QEMU10 is one of version 10 or
# later, for the CPUs that older ones have not; empty if there is none.
set(VCPU_QEMU qemu-system-aarch64 CACHE STRING "The QEMU that tests run in")

function(vcpu_qemu_version qemu result)
    execute_process(COMMAND ${qemu} --version OUTPUT_VARIABLE text ERROR_QUIET
        RESULT_VARIABLE status)
    set(version 0)
    if(status EQUAL 0 AND text MATCHES "^QEMU emulator version ([0-9]+[.][0-9]+)")
        set(version ${CMAKE_MATCH_1})
    endif()
    set(${result} ${version} PARENT_SCOPE)
endfunction()

set(VCPU_QEMU10 "")
foreach(qemu ${VCPU_QEMU} ${PROJECT_SOURCE_DIR}/build/deps/qemu10/qemu-system-aarch64
        qemu-system-aarch64)
    vcpu_qemu_version(${qemu} version)
    if(version VERSION_GREATER_EQUAL 10)
        set(VCPU_QEMU10 ${qemu})
        break()
    endif()
endforeach()
if(NOT VCPU_QEMU10)
    message(STATUS "vcpu: no QEMU 10 (tests/run.sh fetches it), so no tests on its CPUs")
endif()
