# recount_folder(FOLDER (LIBRARY name | EXECUTABLE name | TESTS_ONLY) LINK libs... [TEST_LINK libs...])
#
# FOLDER/*.cc makes the target, FOLDER/*_test.cc one GoogleTest program, FOLDER/*_bench.cc an object
# library that the `recount` program links for `recount bench`. FOLDER/*main.cc are no part of a
# library: main.cc is that of EXECUTABLE. In a folder of TESTS_ONLY the other
# files belong to that GoogleTest program. FOLDER/*_linux_test.cc take a kernel: see ci/linux.cmake.
#
# Most of the time to compile a file goes into the headers of the libraries, so these are
# precompiled: once for all libraries, once for all tests. They are what a file may use anyway; a
# build with RECOUNT_PCH=OFF shows a forgotten #include.
include(GoogleTest)

set(RECOUNT_LIBRARY_HEADERS <algorithm> <array> <cstdint> <functional> <memory> <optional> <span>
    <string> <string_view> <utility> <variant> <vector> "<absl/status/statusor.h>"
    "<absl/strings/str_cat.h>" "<absl/strings/str_format.h>" "<absl/strings/str_join.h>")

set(RECOUNT_TEST_HEADERS ${RECOUNT_LIBRARY_HEADERS} <gmock/gmock.h> <gtest/gtest.h>)

# recount_test(TARGET SOURCES... LINK libs... [LABELS label]): a GoogleTest program, run from the
# source folder.
# Unoptimised in every build: what it measures and hunts with is in the libraries.
function(recount_test target)
  cmake_parse_arguments(ARG "" "LABELS" "SOURCES;LINK" ${ARGN})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE RECOUNT_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_compile_options(${target} PRIVATE -O0)
  recount_precompile(${target} TEST)
  set(labels)
  if(ARG_LABELS)
    set(labels LABELS ${ARG_LABELS})
  endif()
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
                       PROPERTIES TIMEOUT 300 ${labels})
endfunction()

# recount_precompile(TARGET LIBRARY|TEST): TARGET reuses the precompiled headers of its kind.
function(recount_precompile target kind)
  if(NOT RECOUNT_PCH)
    return()
  endif()
  set(holder recount_${kind}_headers)
  if(NOT TARGET ${holder})
    file(WRITE ${CMAKE_BINARY_DIR}/${holder}.cc "// Holds the precompiled headers.\n")
    add_library(${holder} OBJECT ${CMAKE_BINARY_DIR}/${holder}.cc)
    if(kind STREQUAL "TEST")
      target_link_libraries(${holder} PRIVATE GTest::gmock GTest::gtest)
      target_compile_options(${holder} PRIVATE -O0)
    endif()
    target_precompile_headers(${holder} PRIVATE ${RECOUNT_${kind}_HEADERS})
  endif()
  target_precompile_headers(${target} REUSE_FROM ${holder})
endfunction()

function(recount_folder folder)
  cmake_parse_arguments(ARG "TESTS_ONLY" "LIBRARY;EXECUTABLE" "LINK;TEST_LINK" ${ARGN})
  set(root ${CMAKE_SOURCE_DIR}/${folder})
  file(GLOB sources CONFIGURE_DEPENDS ${root}/*.cc)
  list(FILTER sources EXCLUDE REGEX "_linux_test\\.cc$")
  set(tests ${sources})
  set(benches ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|_bench)\\.cc$")
  string(REPLACE "/" "_" id ${folder})

  if(ARG_LIBRARY)
    if(sources)
      add_library(${ARG_LIBRARY} STATIC ${sources})
      target_link_libraries(${ARG_LIBRARY} PUBLIC ${ARG_LINK})
      recount_precompile(${ARG_LIBRARY} LIBRARY)
    else()
      add_library(${ARG_LIBRARY} INTERFACE)
      target_link_libraries(${ARG_LIBRARY} INTERFACE ${ARG_LINK})
    endif()
    set(under_test ${ARG_LIBRARY})
  elseif(ARG_EXECUTABLE)
    if(sources)
      list(FILTER sources EXCLUDE REGEX "main\\.cc$")
      if(sources)
        add_library(${ARG_EXECUTABLE}_commands STATIC ${sources})
        target_link_libraries(${ARG_EXECUTABLE}_commands PUBLIC ${ARG_LINK})
        recount_precompile(${ARG_EXECUTABLE}_commands LIBRARY)
      endif()
      add_executable(${ARG_EXECUTABLE} ${root}/main.cc)
      get_property(bench_objects GLOBAL PROPERTY RECOUNT_BENCH_OBJECTS)
      target_link_libraries(${ARG_EXECUTABLE} PRIVATE ${ARG_EXECUTABLE}_commands ${bench_objects}
                            ${ARG_LINK})
      set(under_test ${ARG_EXECUTABLE}_commands)
    endif()
  else()
    set(under_test ${ARG_LINK})
    set(test_support ${sources})
  endif()

  if(tests)
    recount_test(${id}_test SOURCES ${tests} ${test_support} LINK ${under_test} ${ARG_TEST_LINK})
  endif()
  if(benches)
    add_library(${id}_bench OBJECT ${benches})
    target_link_libraries(${id}_bench PRIVATE ${under_test} benchmark::benchmark)
    set_property(GLOBAL APPEND PROPERTY RECOUNT_BENCH_OBJECTS ${id}_bench)
  endif()
endfunction()
