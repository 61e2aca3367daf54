# vcpu_warnings: the warnings that all of this project's code is free of.
add_library(vcpu_warnings INTERFACE)
target_compile_options(vcpu_warnings INTERFACE
    -Wall -Wextra -Wshadow -Wundef -Wvla
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes;-Wmissing-prototypes;-Wpointer-arith;-Wcast-qual>
    $<$<BOOL:${VCPU_WERROR}>:-Werror>)
