# The program with a kernel in it: for each kernel object that ci/linux-subject has made
# (build/linux/VERSION/kernel.o), build/linux/VERSION/recount. Without any, nothing.
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/impl/linux/*.cc)
set(tests ${sources})
list(FILTER tests INCLUDE REGEX "_test\\.cc$")
list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
add_library(recount_linux STATIC EXCLUDE_FROM_ALL ${sources})
target_link_libraries(recount_linux PUBLIC recount_language)
recount_precompile(recount_linux LIBRARY)

# Set by one preset only: the programs lie beside the kernels, whoever builds them.
set(RECOUNT_KERNELS "" CACHE PATH "Where VERSION/kernel.o are")
set(kernels)
if(RECOUNT_KERNELS)
  file(GLOB kernels CONFIGURE_DEPENDS ${RECOUNT_KERNELS}/*/kernel.o)
endif()
foreach(kernel ${kernels})
  get_filename_component(folder ${kernel} DIRECTORY)
  get_filename_component(version ${folder} NAME)
  set(target recount_linux_${version})
  add_executable(${target} harness/cli/linux_main.cc)
  # Calls in the kernel code are 32 bits wide and its addresses absolute: below 2 GB.
  target_link_options(${target} PRIVATE -no-pie -Wl,-z,noexecstack)
  target_link_libraries(${target} PRIVATE ${kernel} recount_linux recount_commands recount_roster
                        recount_export recount_conform recount_mutate CLI11::CLI11
                        benchmark::benchmark)
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${folder}
                        OUTPUT_NAME recount LINK_DEPENDS ${kernel})

  set(test linux_${version}_test)
  recount_test(${test} SOURCES ${tests} LINK ${kernel} recount_linux recount_conform
               recount_reference recount_harness LABELS linux)
  target_link_options(${test} PRIVATE -no-pie -Wl,-z,noexecstack)
  set_target_properties(${test} PROPERTIES LINK_DEPENDS ${kernel})
endforeach()
