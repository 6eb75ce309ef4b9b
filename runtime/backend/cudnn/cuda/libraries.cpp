#include "runtime/backend/cudnn/cuda/libraries.h"

#include <cuda_runtime_api.h>
#include <cudnn_version.h>
#include <dlfcn.h>
#include <fmt/core.h>

#include <cstddef>
#include <cstdlib>

// Where cuDNN's front end looks its functions up (NV_CUDNN_FRONTEND_USE_DYNAMIC_LOADING).
namespace cudnn_frontend {
extern void* cudnn_dlhandle;
void* cudnn_dlhandle = nullptr;
}  // namespace cudnn_frontend

namespace sluice::cudnn::cuda {
namespace {

void* open_library(const std::string& name) {
  void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library != nullptr) return library;
  return dlopen(("/usr/local/cuda/lib64/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
}

// Looks functions up and remembers the first that is not there.
struct Finder {
  void* library;
  std::string missing{};

  template <class Function>
  void find(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library, name));
    if (function == nullptr && missing.empty()) missing = name;
  }
};

std::string find_blas(Finder& in, BlasFunctions& blas) {
  in.find(blas.create, "cublasLtCreate");
  in.find(blas.destroy, "cublasLtDestroy");
  in.find(blas.status_string, "cublasLtGetStatusString");
  in.find(blas.matmul, "cublasLtMatmul");
  in.find(blas.heuristic, "cublasLtMatmulAlgoGetHeuristic");
  in.find(blas.algorithm_attribute, "cublasLtMatmulAlgoConfigGetAttribute");
  in.find(blas.descriptor_create, "cublasLtMatmulDescCreate");
  in.find(blas.descriptor_destroy, "cublasLtMatmulDescDestroy");
  in.find(blas.descriptor_set, "cublasLtMatmulDescSetAttribute");
  in.find(blas.layout_create, "cublasLtMatrixLayoutCreate");
  in.find(blas.layout_destroy, "cublasLtMatrixLayoutDestroy");
  in.find(blas.preference_create, "cublasLtMatmulPreferenceCreate");
  in.find(blas.preference_destroy, "cublasLtMatmulPreferenceDestroy");
  in.find(blas.preference_set, "cublasLtMatmulPreferenceSetAttribute");
  return in.missing;
}

// "9.19.0" of 91900, cuDNN's way since 9; cuBLAS counts the same way.
std::string version_text(std::size_t version) {
  return fmt::format("{}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

std::string version_of(Finder& in, const char* function) {
  std::size_t (*version)() = nullptr;
  in.find(version, function);
  return version == nullptr ? std::string() : version_text(version());
}

}  // namespace

OpenedLibraries open_libraries() {
  const std::string cudnn_name = fmt::format("libcudnn.so.{}", CUDNN_MAJOR);
  const std::string blas_name = fmt::format("libcublasLt.so.{}", CUDART_VERSION / 1000);
  Finder cudnn{.library = open_library(cudnn_name)};
  if (cudnn.library == nullptr) {
    return {{}, fmt::format("cuDNN {} not found ({})", CUDNN_MAJOR, cudnn_name)};
  }
  Finder blas{.library = open_library(blas_name)};
  if (blas.library == nullptr) return {{}, fmt::format("cuBLASLt not found ({})", blas_name)};
  Libraries opened;
  const std::string missing = find_blas(blas, opened.blas);
  if (!missing.empty()) return {{}, fmt::format("{} lacks {}", blas_name, missing)};
  opened.cudnn_version = version_of(cudnn, "cudnnGetVersion");
  if (!cudnn.missing.empty()) return {{}, fmt::format("{} lacks {}", cudnn_name, cudnn.missing)};
  // The front end looks for a runtime of its own, to ask whether a thread has a context. Of several
  // it would take the oldest and print a warning; without any it does not ask.
  setenv("CUDNN_FRONTEND_CUDART_LIB_NAME",
         fmt::format("libcudart.so.{}", CUDART_VERSION / 1000).c_str(), 0);
  opened.cublas_version = version_of(blas, "cublasLtGetVersion");
  cudnn_frontend::cudnn_dlhandle = cudnn.library;
  return {std::move(opened), {}};
}

}  // namespace sluice::cudnn::cuda
