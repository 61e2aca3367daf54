# -DVCPU_PREFIX=acme_: the archive's symbols are acme_run, acme_put and so on, for a host that has vcpu_
# names of its own, or two copies of the library. The names are macros in vcpu/prefix.h, which each header
# includes; a host is compiled as before.
set(VCPU_PREFIX "" CACHE STRING "What the library's symbols begin with, instead of vcpu_")
if(VCPU_PREFIX STREQUAL "")
    return()
endif()
if(NOT VCPU_PREFIX MATCHES "^[a-z_][a-z0-9_]*$" OR VCPU_PREFIX MATCHES "^vcpu_")
    message(FATAL_ERROR "VCPU_PREFIX is lower case letters, digits and _, and does not begin with vcpu_")
endif()

# vcpu_names(RESULT PATTERN FILE...): the names in these files, as PATTERN finds them. More than there
# are symbols of does no harm.
function(vcpu_names result pattern)
    set(names "")
    foreach(file IN LISTS ARGN)
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
        file(READ ${file} text)
        string(REGEX MATCHALL "${pattern}" found "${text}")
        list(APPEND names ${found})
    endforeach()
    list(TRANSFORM names REPLACE "^vcpu_|\\($" "")
    list(REMOVE_DUPLICATES names)
    set(${result} ${names} PARENT_SCOPE)
endfunction()

# A function of the public headers is renamed by the compiler, all else in the archive by objcopy.
set(include ${PROJECT_BINARY_DIR}/include)
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/vcpu/*.h)
vcpu_names(names "vcpu_[a-z0-9_]+\\(" ${headers})
list(TRANSFORM names REPLACE "(.+)" "#define vcpu_\\1 ${VCPU_PREFIX}\\1")
list(JOIN names "\n" text)
file(CONFIGURE OUTPUT ${include}/vcpu/prefix.h CONTENT
    "/* Made by cmake/prefix.cmake. */\n#ifndef VCPU_PREFIX_H\n#define VCPU_PREFIX_H\n${text}\n#endif\n" @ONLY)
target_include_directories(vcpu BEFORE INTERFACE $<BUILD_INTERFACE:${include}>)

file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/*.[ch] ${PROJECT_SOURCE_DIR}/asm/*.S)
vcpu_names(names "vcpu_[a-z0-9_]+" ${sources} ${headers})
list(TRANSFORM names REPLACE "(.+)" "vcpu_\\1 ${VCPU_PREFIX}\\1")
list(JOIN names "\n" text)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/prefix.txt CONTENT "${text}\n" @ONLY)
add_custom_command(TARGET vcpu POST_BUILD VERBATIM
    COMMAND ${CMAKE_OBJCOPY} --redefine-syms=${PROJECT_BINARY_DIR}/prefix.txt $<TARGET_FILE:vcpu>)
