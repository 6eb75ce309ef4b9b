# Whether this build gets the cuDNN backend's device code: sets SLUICE_WITH_CUDNN to ON or OFF and,
# if ON, enables CUDA and defines sluice::cudnn_headers (cuDNN's and its front end's).
#
# The cache entry is AUTO (if all is found), ON (an error if not) or OFF. No driver and no GPU are
# needed to build; binaries open the driver and cuDNN at run time.
set(SLUICE_WITH_CUDNN AUTO CACHE STRING "Build the cuDNN backend's device code: AUTO, ON or OFF")
set_property(CACHE SLUICE_WITH_CUDNN PROPERTY STRINGS AUTO ON OFF)

# Why it cannot be built, into `missing`; empty if it can.
function(sluice_find_cudnn missing)
  set(${missing} "" PARENT_SCOPE)
  find_program(SLUICE_NVCC nvcc HINTS ENV CUDAToolkit_ROOT ENV CUDA_HOME PATHS /usr/local/cuda
               PATH_SUFFIXES bin)
  if(NOT SLUICE_NVCC)
    set(${missing} "no nvcc on the PATH or in /usr/local/cuda/bin" PARENT_SCOPE)
    return()
  endif()
  execute_process(COMMAND "${SLUICE_NVCC}" --version OUTPUT_VARIABLE version ERROR_QUIET)
  if(NOT version MATCHES "release ([0-9]+)\\." OR CMAKE_MATCH_1 LESS 12)
    set(${missing} "${SLUICE_NVCC} is not of CUDA 12 or later" PARENT_SCOPE)
    return()
  endif()
  get_filename_component(toolkit "${SLUICE_NVCC}" REALPATH)
  get_filename_component(toolkit "${toolkit}/../.." ABSOLUTE)
  find_path(SLUICE_CUDNN_INCLUDE cudnn.h HINTS "${toolkit}/include")
  if(NOT SLUICE_CUDNN_INCLUDE)
    set(${missing} "no cudnn.h in ${toolkit}/include" PARENT_SCOPE)
    return()
  endif()
  find_path(SLUICE_CUDNN_FRONTEND_INCLUDE cudnn_frontend.h
            HINTS "${PROJECT_SOURCE_DIR}/.deps/cudnn-frontend/include")
  if(NOT SLUICE_CUDNN_FRONTEND_INCLUDE)
    set(${missing} "no cudnn_frontend.h (apps/setup fetches it)" PARENT_SCOPE)
  endif()
endfunction()

if(SLUICE_WITH_CUDNN STREQUAL "AUTO" AND (SLUICE_SANITIZE OR SLUICE_FUZZ))
  message(STATUS "cuDNN backend: no device code, sanitizers and fuzzing are for the host's")
  set(SLUICE_WITH_CUDNN OFF)
elseif(SLUICE_WITH_CUDNN)
  sluice_find_cudnn(sluice_cudnn_missing)
  if(NOT sluice_cudnn_missing)
    set(SLUICE_WITH_CUDNN ON)
  elseif(SLUICE_WITH_CUDNN STREQUAL "AUTO")
    message(STATUS "cuDNN backend: no device code, ${sluice_cudnn_missing}")
    set(SLUICE_WITH_CUDNN OFF)
  else()
    message(FATAL_ERROR "SLUICE_WITH_CUDNN is ON, but there is ${sluice_cudnn_missing}")
  endif()
endif()

if(SLUICE_WITH_CUDNN)
  # 75: the oldest that CUDA 13 compiles for. Of both also PTX, for the architectures between and
  # after them.
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 75 90)
  endif()
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  set(CMAKE_CUDA_COMPILER "${SLUICE_NVCC}")
  set(CMAKE_CUDA_HOST_COMPILER "${CMAKE_CXX_COMPILER}")
  enable_language(CUDA)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)  # CMake 3.25 does not know that nvcc 12 has it
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
  endif()
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
  set(CMAKE_CUDA_EXTENSIONS OFF)
  if(SLUICE_CCACHE)
    set(CMAKE_CUDA_COMPILER_LAUNCHER "${SLUICE_CCACHE}")
  endif()
  find_package(CUDAToolkit REQUIRED)
  add_library(sluice_cudnn_headers INTERFACE)
  add_library(sluice::cudnn_headers ALIAS sluice_cudnn_headers)
  target_include_directories(sluice_cudnn_headers SYSTEM INTERFACE
    "${SLUICE_CUDNN_INCLUDE}" "${SLUICE_CUDNN_FRONTEND_INCLUDE}")
  message(STATUS "cuDNN backend: CUDA ${CUDAToolkit_VERSION}, architectures ${CMAKE_CUDA_ARCHITECTURES}")
endif()
