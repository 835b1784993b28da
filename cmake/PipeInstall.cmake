# What cmake --install puts where. Every path in the installed files is relative to where they lie, so that the tree can be moved.
include(CMakePackageConfigHelpers)

set(cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pipe)
set(pkgconfig_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(data_dir ${CMAKE_INSTALL_DATADIR}/pipe)
file(RELATIVE_PATH PIPE_PC_TO_PREFIX /${pkgconfig_dir} /)

# Public headers, the runtime, and what a plugin links with: nothing but flags.
target_compile_features(pipe_core PUBLIC cxx_std_20)
target_compile_features(pipe_plugin INTERFACE cxx_std_17)
target_link_options(pipe_plugin INTERFACE $<INSTALL_INTERFACE:-Wl,--version-script=$<INSTALL_PREFIX>/${data_dir}/plugin.map>)
install(TARGETS pipe_core pipe_plugin EXPORT pipeTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY core/include/pipe DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES cmake/plugin.map DESTINATION ${data_dir})

install(EXPORT pipeTargets NAMESPACE pipe:: DESTINATION ${cmake_dir})
configure_package_config_file(cmake/pipeConfig.cmake.in pipeConfig.cmake INSTALL_DESTINATION ${cmake_dir} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(pipeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/pipeConfig.cmake ${CMAKE_BINARY_DIR}/pipeConfigVersion.cmake DESTINATION ${cmake_dir})

configure_file(cmake/pipe.pc.in pipe.pc @ONLY)
configure_file(cmake/pipe-plugin.pc.in pipe-plugin.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/pipe.pc ${CMAKE_BINARY_DIR}/pipe-plugin.pc DESTINATION ${pkgconfig_dir})

# The man page and the completion scripts come from the binary itself.
set(made ${CMAKE_BINARY_DIR}/made)
file(MAKE_DIRECTORY ${made})
set(pipe_command ${CMAKE_COMMAND} -DPIPE=$<TARGET_FILE:pipe> -P ${CMAKE_SOURCE_DIR}/cmake/RunTo.cmake)
add_custom_command(OUTPUT ${made}/pipe.1
  COMMAND ${pipe_command} ${made}/pipe.1 man ${CMAKE_SOURCE_DIR}/man/pipe.1.in
  DEPENDS pipe plugins ${CMAKE_SOURCE_DIR}/man/pipe.1.in cmake/RunTo.cmake)
set(completions)
foreach(shell bash zsh fish)
  add_custom_command(OUTPUT ${made}/pipe.${shell} COMMAND ${pipe_command} ${made}/pipe.${shell} completion ${shell} DEPENDS pipe cmake/RunTo.cmake)
  list(APPEND completions ${made}/pipe.${shell})
endforeach()
add_custom_target(documents ALL DEPENDS ${made}/pipe.1 ${completions})
install(FILES ${made}/pipe.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${made}/pipe.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME pipe)
install(FILES ${made}/pipe.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions RENAME _pipe)
install(FILES ${made}/pipe.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md LICENSE CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
