#include "runtime/backend/cudnn/cuda/product.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/backend/cudnn/cuda/finish.h"
#include "runtime/backend/cudnn/cuda/handles.h"

namespace sluice::cudnn::cuda {
namespace {

void check(const BlasFunctions& blas, cublasStatus_t status, std::string_view what) {
  if (status != CUBLAS_STATUS_SUCCESS) {
    fail(ErrorKind::run, "cuBLASLt: {}: {}", what, blas.status_string(status));
  }
}

// cuBLASLt's objects: pointers to destroy by a function that was looked up.
template <class Object>
struct Destroy {
  cublasStatus_t (*function)(Object) = nullptr;
  void operator()(Object object) const noexcept { (void)function(object); }
};
template <class Object>
using Owned = std::unique_ptr<std::remove_pointer_t<Object>, Destroy<Object>>;

// A matrix as cuBLASLt sees it: columns one after the other, each of `rows` values. That is the
// transposed of our rows one after the other.
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  Precision element = Precision::f32;
  std::byte* data = nullptr;
};

enum class Transposed : std::uint8_t { no, yes };

// d = a b, each of a and b transposed or not; then biases (one a row of d) and ReLU.
struct MatrixProduct {
  Matrix a, b, d;
  Transposed transposed_a = Transposed::no;
  Transposed transposed_b = Transposed::no;
  const float* biases = nullptr;
  FusedRelu relu = FusedRelu::no;
};

// Ours: out (rows, out) = in (rows, in) weights^T, weights (out, in). Theirs, all transposed:
// out (out, rows) = weights^T in.
MatrixProduct as_matrices(const ProductForward& p, const Memory& m) {
  return {.a = {p.shape.in, p.shape.out, p.weights.element, m.at(p.weights)},
          .b = {p.shape.in, p.shape.rows, p.in.element, m.at(p.in)},
          .d = {p.shape.out, p.shape.rows, p.out.element, m.at(p.out)},
          .transposed_a = Transposed::yes,
          .biases = reinterpret_cast<const float*>(m.at(p.biases)),
          .relu = p.relu};
}

// in_gradient (in, rows) = weights (in, out) out_gradient (out, rows).
MatrixProduct as_matrices(const ProductBackwardData& p, const Memory& m) {
  return {.a = {p.shape.in, p.shape.out, p.weights.element, m.at(p.weights)},
          .b = {p.shape.out, p.shape.rows, p.out_gradient.element, m.at(p.out_gradient)},
          .d = {p.shape.in, p.shape.rows, p.in_gradient.element, m.at(p.in_gradient)}};
}

// weights_gradient (in, out) = in (in, rows) out_gradient^T (rows, out).
MatrixProduct as_matrices(const ProductBackwardWeights& p, const Memory& m) {
  return {.a = {p.shape.in, p.shape.rows, p.in.element, m.at(p.in)},
          .b = {p.shape.out, p.shape.rows, p.out_gradient.element, m.at(p.out_gradient)},
          .d = {p.shape.in, p.shape.out, p.weights_gradient.element, m.at(p.weights_gradient)},
          .transposed_b = Transposed::yes};
}

cudaDataType_t data_type(Precision element) {
  return element == Precision::bf16 ? CUDA_R_16BF : CUDA_R_32F;
}

// A product's description in cuBLASLt's terms.
class Description {
 public:
  Description(const BlasFunctions& blas, const MatrixProduct& what, F32Math math) : blas_(blas) {
    const bool tf32 = what.a.element == Precision::f32 && math == F32Math::tf32;
    cublasLtMatmulDesc_t made = nullptr;
    check(blas,
          blas.descriptor_create(&made, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
                                 CUDA_R_32F),
          "describing a product");
    operation_ = {made, {blas.descriptor_destroy}};
    set(CUBLASLT_MATMUL_DESC_TRANSA, operation(what.transposed_a));
    set(CUBLASLT_MATMUL_DESC_TRANSB, operation(what.transposed_b));
    if (what.biases != nullptr) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE,
          what.relu == FusedRelu::yes ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS);
      set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, static_cast<const void*>(what.biases));
    } else if (what.relu == FusedRelu::yes) {
      set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_RELU);
    }
    a_ = layout(what.a);
    b_ = layout(what.b);
    d_ = layout(what.d);
  }

  cublasLtMatmulDesc_t operation() const { return operation_.get(); }
  cublasLtMatrixLayout_t a() const { return a_.get(); }
  cublasLtMatrixLayout_t b() const { return b_.get(); }
  cublasLtMatrixLayout_t d() const { return d_.get(); }

 private:
  static cublasOperation_t operation(Transposed transposed) {
    return transposed == Transposed::yes ? CUBLAS_OP_T : CUBLAS_OP_N;
  }
  template <class Value>
  void set(cublasLtMatmulDescAttributes_t attribute, const Value& value) {
    check(blas_, blas_.descriptor_set(operation_.get(), attribute, &value, sizeof value),
          "describing a product");
  }
  Owned<cublasLtMatrixLayout_t> layout(const Matrix& matrix) {
    cublasLtMatrixLayout_t made = nullptr;
    check(blas_,
          blas_.layout_create(&made, data_type(matrix.element),
                              static_cast<std::uint64_t>(matrix.rows),
                              static_cast<std::uint64_t>(matrix.columns), matrix.rows),
          "describing a matrix");
    return {made, {blas_.layout_destroy}};
  }

  const BlasFunctions& blas_;
  Owned<cublasLtMatmulDesc_t> operation_;
  Owned<cublasLtMatrixLayout_t> a_, b_, d_;
};

using Found = std::vector<cublasLtMatmulHeuristicResult_t>;

Found heuristic(const BlasFunctions& blas, cublasLtHandle_t handle, const Description& what,
                const PrepareOptions& options) {
  cublasLtMatmulPreference_t made = nullptr;
  check(blas, blas.preference_create(&made), "choosing a product");
  const Owned<cublasLtMatmulPreference_t> preference(made, {blas.preference_destroy});
  check(blas,
        blas.preference_set(made, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &options.most_workspace,
                            sizeof options.most_workspace),
        "choosing a product");
  // Parts of a sum that are added up elsewhere stay f32 until they are.
  const std::uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
  check(blas,
        blas.preference_set(made, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, &reductions,
                            sizeof reductions),
        "choosing a product");
  Found found(options.most_candidates);
  int count = 0;
  const cublasStatus_t status =
      blas.heuristic(handle, what.operation(), what.a(), what.b(), what.d(), what.d(), made,
                     static_cast<int>(found.size()), found.data(), &count);
  if (status != CUBLAS_STATUS_SUCCESS) count = 0;
  found.resize(static_cast<std::size_t>(count));
  std::erase_if(found, [](const auto& f) { return f.state != CUBLAS_STATUS_SUCCESS; });
  return found;
}

class ProductCandidates final : public Candidates {
 public:
  // `behind`: what is done to the sums when they lie in front of the product's own workspace; of 0
  // values: nothing, the product writes its result itself.
  ProductCandidates(const BlasFunctions& blas, cublasLtHandle_t handle, const MatrixProduct& what,
                    const Finish& behind, const PrepareOptions& options)
      : blas_(blas),
        handle_(handle),
        what_(what),
        behind_(behind),
        description_(blas, what, options.math),
        found_(heuristic(blas, handle, description_, options)) {}

  std::size_t count() const override { return found_.size(); }

  Preference preference(std::size_t candidate) const override {
    const auto& algorithm = found_.at(candidate).algo;
    return {candidate, fmt::format("cuBLASLt {}, tile {}, stages {}, split {}{}",
                                   attribute(algorithm, CUBLASLT_ALGO_CONFIG_ID),
                                   attribute(algorithm, CUBLASLT_ALGO_CONFIG_TILE_ID),
                                   attribute(algorithm, CUBLASLT_ALGO_CONFIG_STAGES_ID),
                                   attribute(algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM),
                                   behind_.values > 0 ? " + own kernel" : "")};
  }

  std::size_t workspace(std::size_t candidate) const override {
    return sums_bytes() + found_.at(candidate).workspaceSize;
  }

  void enqueue(std::size_t candidate, cudaStream_t stream, std::byte* workspace) const override {
    const auto& chosen = found_.at(candidate);
    const float one = 1.0F;
    const float zero = 0.0F;
    std::byte* d = behind_.values > 0 ? workspace : what_.d.data;
    check(blas_,
          blas_.matmul(handle_, description_.operation(), &one, what_.a.data, description_.a(),
                       what_.b.data, description_.b(), &zero, d, description_.d(), d,
                       description_.d(), &chosen.algo, workspace + sums_bytes(),
                       chosen.workspaceSize, stream),
          "enqueuing a product");
    if (behind_.values == 0) return;
    Finish finish = behind_;
    finish.sums = d;
    launch_finish(finish, stream);
    cuda::check(cudaGetLastError(), "launching what follows a product");
  }

 private:
  std::size_t sums_bytes() const {
    return aligned(static_cast<std::size_t>(behind_.values) * sizeof(float));
  }
  int attribute(const cublasLtMatmulAlgo_t& algorithm,
                cublasLtMatmulAlgoConfigAttributes_t which) const {
    int value = 0;
    std::size_t written = 0;
    (void)blas_.algorithm_attribute(&algorithm, which, &value, sizeof value, &written);
    return value;
  }

  const BlasFunctions& blas_;
  cublasLtHandle_t handle_;
  MatrixProduct what_;
  Finish behind_;
  Description description_;
  Found found_;
};

// The same product with f32 sums, and what remains to be done to them.
std::pair<MatrixProduct, Finish> split(const MatrixProduct& whole) {
  MatrixProduct sums = whole;
  sums.d.element = Precision::f32;
  sums.biases = nullptr;
  sums.relu = FusedRelu::no;
  return {sums, Finish{.values = whole.d.rows * whole.d.columns,
                       .channels = static_cast<int>(whole.d.rows),
                       .relu = whole.relu,
                       .biases = whole.biases,
                       .out = whole.d.data,
                       .out_element = whole.d.element}};
}

class BlasProducts final : public Products {
 public:
  explicit BlasProducts(const BlasFunctions& blas) : blas_(blas) {
    cublasLtHandle_t made = nullptr;
    check(blas_, blas_.create(&made), "opening cuBLASLt on the device");
    handle_ = {made, {blas_.destroy}};
  }

  std::unique_ptr<Candidates> prepare(const Product& what, const Memory& memory,
                                      const PrepareOptions& options) override {
    const MatrixProduct whole =
        std::visit([&](const auto& product) { return as_matrices(product, memory); }, what);
    const auto make = [&](const MatrixProduct& product, const Finish& behind) {
      return std::make_unique<ProductCandidates>(blas_, handle_.get(), product, behind, options);
    };
    // cuBLASLt adds biases of the result's element only; ours are f32.
    if (whole.biases == nullptr || whole.d.element == Precision::f32) {
      auto candidates = make(whole, {});
      if (candidates->count() > 0) return candidates;
    }
    const auto [sums, behind] = split(whole);
    auto candidates = make(sums, behind);
    if (candidates->count() == 0) {
      fail(ErrorKind::run, "cuBLASLt has no product of {} x {} by {} x {}", whole.a.rows,
           whole.a.columns, whole.b.rows, whole.b.columns);
    }
    return candidates;
  }

 private:
  BlasFunctions blas_;
  Owned<cublasLtHandle_t> handle_;
};

}  // namespace

std::unique_ptr<Products> make_products(const BlasFunctions& blas) {
  return std::make_unique<BlasProducts>(blas);
}

}  // namespace sluice::cudnn::cuda
