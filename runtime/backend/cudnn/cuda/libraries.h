// cuDNN and cuBLASLt, opened while the program runs: no binary of ours needs them, or a driver, to
// start.
#pragma once

#include <cublasLt.h>

#include <optional>
#include <string>

namespace sluice::cudnn::cuda {

// The functions of cuBLASLt that products use, typed by its header's declarations.
struct BlasFunctions {
  decltype(&::cublasLtCreate) create = nullptr;
  decltype(&::cublasLtDestroy) destroy = nullptr;
  decltype(&::cublasLtGetStatusString) status_string = nullptr;
  decltype(&::cublasLtMatmul) matmul = nullptr;
  decltype(&::cublasLtMatmulAlgoGetHeuristic) heuristic = nullptr;
  decltype(&::cublasLtMatmulAlgoConfigGetAttribute) algorithm_attribute = nullptr;
  decltype(&::cublasLtMatmulDescCreate) descriptor_create = nullptr;
  decltype(&::cublasLtMatmulDescDestroy) descriptor_destroy = nullptr;
  decltype(&::cublasLtMatmulDescSetAttribute) descriptor_set = nullptr;
  decltype(&::cublasLtMatrixLayoutCreate) layout_create = nullptr;
  decltype(&::cublasLtMatrixLayoutDestroy) layout_destroy = nullptr;
  decltype(&::cublasLtMatmulPreferenceCreate) preference_create = nullptr;
  decltype(&::cublasLtMatmulPreferenceDestroy) preference_destroy = nullptr;
  decltype(&::cublasLtMatmulPreferenceSetAttribute) preference_set = nullptr;
};

struct Libraries {
  BlasFunctions blas;
  std::string cudnn_version;   // "9.19.0"
  std::string cublas_version;  // "13.1.0"
};

// `libraries`, or in a few words why there are none.
struct OpenedLibraries {
  std::optional<Libraries> libraries;
  std::string reason;
};

// Looks where the loader looks, then in /usr/local/cuda/lib64. They stay open as long as the
// process lives. Not to be called by several threads at once.
OpenedLibraries open_libraries();

}  // namespace sluice::cudnn::cuda
