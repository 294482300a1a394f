# The program with a kernel in it: for each kernel object that ci/linux-subject has made
# (build/linux/VERSION/kernel.o), build/linux/VERSION/recount; with --asan the same under
# build/linux-asan, with --coverage under build/linux-coverage; with --fuzz
# build/linux-fuzz/VERSION/lockstep_fuzzer. Without any, nothing.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/impl/linux/*.cc)
set(tests ${sources})
list(FILTER tests INCLUDE REGEX "_test\\.cc$")
list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
add_library(recount_linux STATIC EXCLUDE_FROM_ALL ${sources})
target_link_libraries(recount_linux PUBLIC recount_language)
recount_precompile(recount_linux LIBRARY)

# Calls in the kernel code are 32 bits wide and its addresses absolute: below 2 GB.
set(kernel_link_options -no-pie -Wl,-z,noexecstack)

# recount_linux_program(TARGET KERNEL OPTIONS...): `recount` beside KERNEL.
function(recount_linux_program target kernel)
  get_filename_component(folder ${kernel} DIRECTORY)
  add_executable(${target} harness/cli/linux_main.cc)
  target_link_options(${target} PRIVATE ${kernel_link_options} ${ARGN})
  target_link_libraries(${target} PRIVATE ${kernel} recount_linux recount_commands recount_roster
                        recount_export recount_conform recount_mutate CLI11::CLI11
                        benchmark::benchmark)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder}
                        OUTPUT_NAME recount LINK_DEPENDS ${kernel})
endfunction()

# recount_linux_test(TARGET PROGRAM KERNEL OPTIONS...): impl/linux/*_test.cc with KERNEL, and about
# PROGRAM.
function(recount_linux_test target program kernel)
  recount_test(${target} SOURCES ${tests} LINK ${kernel} recount_linux recount_conform
               recount_reference recount_harness LABELS linux)
  target_link_options(${target} PRIVATE ${kernel_link_options} ${ARGN})
  set_target_properties(${target} PROPERTIES LINK_DEPENDS ${kernel})
  add_dependencies(${target} ${program})
  target_compile_definitions(${target} PRIVATE RECOUNT_PROGRAM="$<TARGET_FILE:${program}>")
endfunction()

# Set by one preset only: the programs lie beside the kernels, whoever builds them.
set(RECOUNT_KERNELS "" CACHE PATH "Where VERSION/kernel.o are")
if(NOT RECOUNT_KERNELS)
  return()
endif()
file(GLOB kernels CONFIGURE_DEPENDS ${RECOUNT_KERNELS}/*/kernel.o)
foreach(kernel ${kernels})
  get_filename_component(folder ${kernel} DIRECTORY)
  get_filename_component(version ${folder} NAME)
  recount_linux_program(recount_linux_${version} ${kernel})
  recount_linux_test(linux_${version}_test recount_linux_${version} ${kernel})
  target_compile_definitions(linux_${version}_test PRIVATE RECOUNT_KERNEL="${version}")
  list(APPEND programs recount_linux_${version})
endforeach()
if(kernels)
  # What takes more than one of them goes through the front door.
  file(GLOB cli_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/harness/cli/*_linux_test.cc)
  recount_test(linux_cli_test SOURCES ${cli_tests} LINK recount_harness LABELS linux)
  add_dependencies(linux_cli_test recount ${programs})
  target_compile_definitions(linux_cli_test PRIVATE RECOUNT_PROGRAM="$<TARGET_FILE:recount>")
endif()

# Only the kernel code is instrumented: it is what is under test, and the reference keeps its speed.
file(GLOB kernels CONFIGURE_DEPENDS ${RECOUNT_KERNELS}-asan/*/kernel.o)
foreach(kernel ${kernels})
  get_filename_component(folder ${kernel} DIRECTORY)
  get_filename_component(version ${folder} NAME)
  recount_linux_program(recount_linux_asan_${version} ${kernel} -fsanitize=address)
  recount_linux_test(linux_asan_${version}_test recount_linux_asan_${version} ${kernel}
                     -fsanitize=address)
  target_compile_definitions(linux_asan_${version}_test PRIVATE RECOUNT_KERNEL="${version}")
endforeach()

# With --coverage the kernel code counts its lines. The programs are linked with what keeps the counts
# of a child that does not exit() (harness/cli/child.cc, impl/linux/host.cc). Only ci/linux-coverage
# runs them, so nothing else builds them: `recount`, and what reads the kernel's files.
file(GLOB kernels CONFIGURE_DEPENDS ${RECOUNT_KERNELS}-coverage/*/kernel.o)
foreach(kernel ${kernels})
  get_filename_component(folder ${kernel} DIRECTORY)
  get_filename_component(version ${folder} NAME)
  set(program recount_linux_coverage_${version})
  recount_linux_program(${program} ${kernel} --coverage -Wl,-u,__gcov_dump)
  add_executable(${program}_files ${CMAKE_SOURCE_DIR}/impl/linux/files_test.cc)
  target_link_options(${program}_files PRIVATE ${kernel_link_options} --coverage)
  target_link_libraries(${program}_files PRIVATE ${kernel} recount_linux recount_harness
                        GTest::gtest GTest::gtest_main)
  target_compile_definitions(${program}_files PRIVATE RECOUNT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set_target_properties(${program}_files PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder}
                        OUTPUT_NAME files LINK_DEPENDS ${kernel})
  set_target_properties(${program} ${program}_files PROPERTIES EXCLUDE_FROM_ALL ON)
  add_dependencies(${program} ${program}_files)
endforeach()

# The fuzz target over a kernel, and tests of it and of the kernel code as clang compiles it. The rest
# of the program, which is not under test and in which no coverage is counted, is that of this build.
# What `clang -fsanitize=fuzzer,address` would link is named here, as another compiler links.
file(GLOB kernels CONFIGURE_DEPENDS ${RECOUNT_KERNELS}-fuzz/*/kernel.o)
if(NOT kernels)
  return()
endif()
foreach(name fuzzer fuzzer_no_main asan_static asan)
  execute_process(COMMAND clang-19 -print-file-name=libclang_rt.${name}-x86_64.a
                  OUTPUT_VARIABLE runtime_${name} OUTPUT_STRIP_TRAILING_WHITESPACE
                  COMMAND_ERROR_IS_FATAL ANY)
endforeach()
set(fuzz_link_options -Wl,--whole-archive,${runtime_asan_static},${runtime_asan},--no-whole-archive
    -Wl,--dynamic-list=${runtime_asan}.syms)
foreach(kernel ${kernels})
  get_filename_component(folder ${kernel} DIRECTORY)
  get_filename_component(version ${folder} NAME)
  set(program lockstep_fuzzer_linux_fuzz_${version})
  add_executable(${program} fuzz/lockstep_fuzzer.cc fuzz/linux_fuzzer.cc)
  target_link_options(${program} PRIVATE ${kernel_link_options} ${fuzz_link_options})
  target_link_libraries(${program} PRIVATE ${kernel} recount_linux recount_fuzz_target
                        ${runtime_fuzzer} pthread dl m)
  set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder}
                        OUTPUT_NAME lockstep_fuzzer LINK_DEPENDS ${kernel})
  set(test linux_fuzz_${version}_test)
  recount_test(${test} SOURCES impl/linux/linux_subject_test.cc fuzz/lockstep_linux_test.cc
               LINK ${kernel} recount_linux recount_conform recount_reference recount_harness
               ${runtime_fuzzer_no_main} pthread dl m LABELS linux)
  target_link_options(${test} PRIVATE ${kernel_link_options} ${fuzz_link_options})
  set_target_properties(${test} PROPERTIES LINK_DEPENDS ${kernel})
  add_dependencies(${test} ${program})
  target_compile_definitions(${test} PRIVATE RECOUNT_PROGRAM="$<TARGET_FILE:${program}>")
endforeach()
