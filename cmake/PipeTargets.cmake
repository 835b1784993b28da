# Flags that every target shares, and pipe_add_plugin(NAME): a folder is a shared object, a file is a stage.
find_package(Threads REQUIRED)
find_program(PIPE_CCACHE ccache)
if(PIPE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${PIPE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PIPE_CCACHE})
endif()
find_program(PIPE_MOLD mold)
if(PIPE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Each shared object that a program loads costs its start 0.1 to 0.5 ms: what there is an archive of is linked in.
function(pipe_find_archive variable name)
  find_library(${variable} NAMES lib${name}.a ${name} REQUIRED)
endfunction()

add_library(pipe_flags INTERFACE)
target_compile_options(pipe_flags INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -fstack-clash-protection)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # The compiler begins to collect its garbage at half a GiB, in place of an eighth: 4 to 7 % less time for a file, for 10 to 20 % more memory.
  add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:--param=ggc-min-heapsize=524288>)
endif()
if(NOT PIPE_SANITIZE)
  # What nobody calls is left out: what is called lies closer together, and a start touches fewer pages.
  add_compile_options(-ffunction-sections -fdata-sections)
  add_link_options(-Wl,--gc-sections)
endif()
if(PIPE_WERROR)
  target_compile_options(pipe_flags INTERFACE -Werror)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(pipe_flags INTERFACE -Wno-error=restrict)  # g++ 12 sees overlaps in std::string's own code
  endif()
endif()
if(PIPE_SANITIZE)
  # The least that compiles fast: more optimisation or debug information doubles the time. -Og beats -O1 with AddressSanitizer, where most of
  # it goes into compiling; ThreadSanitizer's goes into the tests.
  add_compile_options(-fsanitize=${PIPE_SANITIZE} -fno-omit-frame-pointer -O1 -g1)
  add_link_options(-fsanitize=${PIPE_SANITIZE})
  if(PIPE_SANITIZE MATCHES "address.*undefined")
    # What UBSan finds ends the process: going on would leave a test passed, and its code takes a quarter of the time to compile.
    # Not asked: whether a pointer is null (AddressSanitizer reports the access anyway) or aligned (what there is to say about each access
    # makes the program several times as big, which every start must relocate and every end search for leaks: see below).
    add_compile_options(-Og -fno-sanitize=null,alignment -fno-sanitize-recover=undefined)
  elseif(PIPE_SANITIZE MATCHES "thread")
    # Alignment is checked here, as a trap, which has no data; handle_sigill (CMakePresets.json) says where.
    add_compile_options(-fsanitize=alignment -fsanitize-undefined-trap-on-error)
  endif()
endif()

# The tool and its plugins hold the C++ runtime that they use: loading it and binding its names is a fifth of the time that a small
# pipeline takes. No C++ type or exception goes from one shared object to another, and a plugin from elsewhere may bring its own.
include(CheckCXXSourceCompiles)
set(CMAKE_REQUIRED_LINK_OPTIONS -static-libstdc++ -static-libgcc)
check_cxx_source_compiles("#include <string>\nint main(int n, char** v) { return std::string(v[n - 1]).empty(); }" PIPE_STATIC_RUNTIME)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
function(pipe_hold_runtime target)
  if(PIPE_STATIC_RUNTIME AND NOT PIPE_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

# A plugin sees the SDK headers alone (and plugins/lib); the version script exports the one symbol, so that no inline
# function or vendored library of one plugin is ever shared with another (STB_GNU_UNIQUE).
add_custom_target(plugins)
function(pipe_add_plugin name)
  cmake_parse_arguments(arg "SHARED_RUNTIME" "" "LIBS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  add_library(plugin_${name} MODULE ${sources})
  set_target_properties(plugin_${name} PROPERTIES OUTPUT_NAME ${name} PREFIX "" SUFFIX ".so"
    CXX_VISIBILITY_PRESET hidden LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  target_include_directories(plugin_${name} PRIVATE ${CMAKE_SOURCE_DIR}/plugins)
  target_link_libraries(plugin_${name} PRIVATE pipe_flags pipe_plugin ${arg_LIBS})
  if(NOT PIPE_SANITIZE)
    target_link_options(plugin_${name} PRIVATE -Wl,-z,defs)  # a symbol that nobody has fails here, not where a user loads the plugin
  endif()
  if(NOT arg_SHARED_RUNTIME)
    pipe_hold_runtime(plugin_${name})
  endif()
  add_dependencies(plugins plugin_${name})
  install(TARGETS plugin_${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/pipe/plugins)
endfunction()
