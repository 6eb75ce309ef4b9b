#include "runtime/backend/cudnn/cuda/convolution.h"

#include <cudnn_frontend.h>

#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/cuda/finish.h"
#include "runtime/backend/cudnn/cuda/handles.h"

namespace sluice::cudnn::cuda {
namespace {

namespace fe = cudnn_frontend;
using Tensor = std::shared_ptr<fe::graph::Tensor_attributes>;

void check(fe::error_t status, std::string_view what) {
  if (status.is_bad()) fail(ErrorKind::run, "cuDNN: {}: {}", what, status.get_message());
}

void check(cudnnStatus_t status, std::string_view what) {
  if (status != CUDNN_STATUS_SUCCESS) {
    fail(ErrorKind::run, "cuDNN: {}: {}", what, fe::detail::get_error_string(status));
  }
}

// The front end throws exceptions of its own beside the statuses that it returns.
template <class Work>
auto as_errors(const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    fail(ErrorKind::run, "cuDNN: {}", error.what());
  }
}

struct DestroyHandle {
  void operator()(cudnnContext* handle) const noexcept { (void)fe::detail::destroy_handle(handle); }
};
using Handle = std::unique_ptr<cudnnContext, DestroyHandle>;

fe::DataType_t data_type(Precision element) {
  return element == Precision::bf16 ? fe::DataType_t::BFLOAT16 : fe::DataType_t::FLOAT;
}

// cuDNN names dimensions as N C H W whatever the strides say; ours lie as N H W C.
struct Extents {
  std::int64_t n = 1, c = 1, h = 1, w = 1;

  std::vector<std::int64_t> sizes() const { return {n, c, h, w}; }
  std::vector<std::int64_t> strides() const { return {h * w * c, 1, w * c, c}; }
};

Extents extents(const Plane& p) { return {p.rows, p.channels, p.height, p.width}; }
Extents weight_extents(const ConvolutionShape& s) {
  return {s.out.channels, s.in.channels / s.groups, s.kernel, s.kernel};
}

// An array of the graph's that lies in front of the workspace, since cuDNN cannot take or give it
// as the operation has it, and what is done to it.
struct Scratch {
  std::int64_t uid = 0;  // 0: none
  std::size_t bytes = 0;
  Finish before{};  // fills it; of 0 values: nothing to do
  Finish after{};   // reads it
};

// A graph of one convolution, and the addresses of its tensors.
class Drawing {
 public:
  Drawing(const Memory& memory, const PlanTarget& target) : memory_(memory) {
    graph.set_compute_data_type(fe::DataType_t::FLOAT)
        .set_intermediate_data_type(fe::DataType_t::FLOAT)
        .set_sm_version(target.architecture)
        // Whoever captures a plan keeps it as long as the capture.
        .set_cuda_graph_retention(fe::CudaGraphRetention_t::NONE);
  }

  Tensor input(const Array& array, const Extents& extents) {
    return graph.tensor(describe(fe::graph::Tensor_attributes(), array, extents));
  }
  void output(const Tensor& tensor, const Array& array, const Extents& extents) {
    describe(tensor->set_output(true), array, extents);
  }
  // The array is in bf16 and in front of the workspace instead of where it should be.
  Array in_scratch(Array array) {
    array.element = Precision::bf16;
    scratch.uid = static_cast<std::int64_t>(pointers.size() + 1);
    scratch.bytes = aligned(static_cast<std::size_t>(array.count) * sizeof(Bf16));
    return array;
  }
  std::byte* address(const Array& array) const { return memory_.at(array); }

  fe::graph::Graph graph;
  std::unordered_map<std::int64_t, void*> pointers;
  Scratch scratch;

 private:
  fe::graph::Tensor_attributes& describe(fe::graph::Tensor_attributes& tensor, const Array& array,
                                         const Extents& extents) {
    const auto uid = static_cast<std::int64_t>(pointers.size() + 1);
    pointers[uid] = memory_.at(array);
    return tensor.set_uid(uid)
        .set_dim(extents.sizes())
        .set_stride(extents.strides())
        .set_data_type(data_type(array.element));
  }
  fe::graph::Tensor_attributes describe(fe::graph::Tensor_attributes&& tensor, const Array& array,
                                        const Extents& extents) {
    return describe(tensor, array, extents);
  }

  Memory memory_;
};

template <class Attributes>
Attributes attributes(const ConvolutionShape& s) {
  return Attributes()
      .set_pre_padding({s.pad_before, s.pad_before})
      .set_post_padding({s.pad_after, s.pad_after})
      .set_stride({s.stride, s.stride})
      .set_dilation({1, 1});
}

Array biases_for(Drawing& on, const ConvolutionForward& c) {
  if (c.in.element == Precision::f32) return c.biases;
  const Array rounded = on.in_scratch(c.biases);
  on.scratch.before = {
      .values = c.shape.out.channels, .sums = on.address(c.biases), .out_element = rounded.element};
  return rounded;
}

Array weights_gradient_for(Drawing& on, const ConvolutionBackwardWeights& c) {
  if (c.in.element == Precision::f32) return c.weights_gradient;
  const Array rounded = on.in_scratch(c.weights_gradient);
  on.scratch.after = {.values = c.weights_gradient.count,
                      .sums_element = rounded.element,
                      .out = on.address(c.weights_gradient)};
  return rounded;
}

void draw(Drawing& on, const ConvolutionForward& c) {
  using Mode = fe::PointwiseMode_t;
  const auto pointwise = [](Mode mode) { return fe::graph::Pointwise_attributes().set_mode(mode); };
  const Tensor in = on.input(c.in, extents(c.shape.in));
  const Tensor weights = on.input(c.weights, weight_extents(c.shape));
  const Tensor biases = on.input(biases_for(on, c), {.c = c.shape.out.channels});
  Tensor out =
      on.graph.conv_fprop(in, weights, attributes<fe::graph::Conv_fprop_attributes>(c.shape));
  out = on.graph.pointwise(out, biases, pointwise(Mode::ADD));
  if (c.relu == FusedRelu::yes) out = on.graph.pointwise(out, pointwise(Mode::RELU_FWD));
  on.output(out, c.out, extents(c.shape.out));
}

void draw(Drawing& on, const ConvolutionBackwardData& c) {
  const Tensor gradient = on.input(c.out_gradient, extents(c.shape.out));
  const Tensor weights = on.input(c.weights, weight_extents(c.shape));
  const Tensor result =
      on.graph.conv_dgrad(gradient, weights, attributes<fe::graph::Conv_dgrad_attributes>(c.shape));
  on.output(result, c.in_gradient, extents(c.shape.in));
}

void draw(Drawing& on, const ConvolutionBackwardWeights& c) {
  const Tensor gradient = on.input(c.out_gradient, extents(c.shape.out));
  const Tensor in = on.input(c.in, extents(c.shape.in));
  const Tensor result =
      on.graph.conv_wgrad(gradient, in, attributes<fe::graph::Conv_wgrad_attributes>(c.shape));
  on.output(result, weights_gradient_for(on, c), weight_extents(c.shape));
}

Precision input_element(const ConvolutionForward& c) { return c.in.element; }
Precision input_element(const ConvolutionBackwardData& c) { return c.out_gradient.element; }
Precision input_element(const ConvolutionBackwardWeights& c) { return c.in.element; }

// What engines must not do: sums in an order that threads decide, in fewer bits than f32, and of
// exact f32 with rounded inputs (TF32) or transforms of tiles so large that digits are lost.
std::vector<fe::NumericalNote_t> unwanted(Precision element, F32Math math) {
  using Note = fe::NumericalNote_t;
  std::vector<Note> notes = {Note::NONDETERMINISTIC, Note::REDUCED_PRECISION_REDUCTION};
  if (element == Precision::f32 && math == F32Math::exact) {
    notes.insert(notes.end(), {Note::TENSOR_CORE, Note::DOWN_CONVERT_INPUTS,
                               Note::WINOGRAD_TILE_6x6, Note::WINOGRAD_TILE_13x13});
  }
  return notes;
}

void run_finish(const Finish& what, cudaStream_t stream) {
  if (what.values == 0) return;
  launch_finish(what, stream);
  cuda::check(cudaGetLastError(), "launching what goes with a convolution");
}

// The handle and who may use it now.
struct SharedHandle {
  std::mutex mutex;
  Handle handle;  // none where plans are made without a device
};

class ConvolutionCandidates final : public Candidates {
 public:
  ConvolutionCandidates(std::unique_ptr<Drawing> drawing, SharedHandle& handle)
      : drawing_(std::move(drawing)), handle_(handle) {}

  // How many were refused unbuilt, since they want more workspace than there is.
  std::size_t too_large() const { return too_large_; }

  // Builds the plan at a place of cuDNN's list; false if cuDNN cannot, or it wants more workspace
  // than the graph was told to allow.
  bool add(std::int64_t rank) {
    fe::graph::Graph& graph = drawing_->graph;
    fe::error_t built = graph.build_plan_at_index(rank);
    if (built.is_bad()) {
      too_large_ += built.get_message().find("workspace violation") != std::string::npos ? 1U : 0U;
      return false;
    }
    Plan plan{.rank = rank, .name = {}, .workspace = 0};
    std::int64_t bytes = 0;
    check(graph.get_plan_name_at_index(rank, plan.name), "naming a plan");
    check(graph.get_workspace_size_plan_at_index(rank, bytes), "asking for a plan's workspace");
    plan.workspace = drawing_->scratch.bytes + static_cast<std::size_t>(bytes);
    plans_.push_back(std::move(plan));
    return true;
  }
  void forget() { plans_.clear(); }

  std::size_t count() const override { return plans_.size(); }
  Preference preference(std::size_t candidate) const override {
    const Plan& plan = plans_.at(candidate);
    return {static_cast<std::size_t>(plan.rank), "cuDNN " + plan.name};
  }
  std::size_t workspace(std::size_t candidate) const override {
    return plans_.at(candidate).workspace;
  }

  void enqueue(std::size_t candidate, cudaStream_t stream, std::byte* workspace) const override {
    const Scratch& scratch = drawing_->scratch;
    if (scratch.uid != 0) drawing_->pointers[scratch.uid] = workspace;
    Finish before = scratch.before;
    before.out = workspace;
    run_finish(before, stream);
    as_errors([&] { execute(candidate, stream, workspace + scratch.bytes); });
    Finish after = scratch.after;
    after.sums = workspace;
    run_finish(after, stream);
  }

 private:
  struct Plan {
    std::int64_t rank;
    std::string name;
    std::size_t workspace;
  };

  void execute(std::size_t candidate, cudaStream_t stream, std::byte* workspace) const {
    const std::lock_guard lock(handle_.mutex);
    cudnnHandle_t handle = handle_.handle.get();
    check(fe::detail::set_stream(handle, stream), "choosing a stream");
    check(drawing_->graph.execute_plan_at_index(handle, drawing_->pointers, workspace,
                                                plans_.at(candidate).rank),
          "enqueuing a convolution");
  }

  std::unique_ptr<Drawing> drawing_;
  SharedHandle& handle_;
  std::vector<Plan> plans_;
  std::size_t too_large_ = 0;
};

class CudnnConvolutions final : public Convolutions {
 public:
  explicit CudnnConvolutions(const PlanTarget& target) : target_(target) {
    if (!target.properties_json.empty()) {
      const std::string& json = target.properties_json;
      properties_ = std::make_shared<fe::DeviceProperties>();
      check(properties_->deserialize({json.begin(), json.end()}), "reading a device's properties");
      return;
    }
    cudnnHandle_t made = nullptr;
    check(fe::detail::create_handle(&made), "opening cuDNN on the device");
    shared_.handle.reset(made);
  }

  std::unique_ptr<Candidates> prepare(const Convolution& what, const Memory& memory,
                                      const PrepareOptions& options) override {
    return as_errors([&] { return draw_and_plan(what, memory, options); });
  }

 private:
  std::unique_ptr<Candidates> draw_and_plan(const Convolution& what, const Memory& memory,
                                            const PrepareOptions& options) {
    auto drawing = std::make_unique<Drawing>(memory, target_);
    std::visit([&](const auto& convolution) { draw(*drawing, convolution); }, what);
    const Precision element = std::visit([](const auto& c) { return input_element(c); }, what);
    fe::graph::Graph& graph = drawing->graph;
    const std::size_t scratch = drawing->scratch.bytes;
    if (scratch > options.most_workspace) {
      fail(ErrorKind::run,
           "cuDNN has no plan in {} bytes of workspace: values in another precision "
           "alone take {}",
           options.most_workspace, scratch);
    }
    lower(graph, unwanted(element, options.math));
    // Refused from cuDNN's list, before a plan is built and its kernels compiled.
    graph.deselect_workspace_greater_than(
        static_cast<std::int64_t>(options.most_workspace - scratch));
    const std::int64_t configurations = graph.get_execution_plan_count();
    auto candidates = std::make_unique<ConvolutionCandidates>(std::move(drawing), shared_);
    if (options.preferred) {
      const auto rank = static_cast<std::int64_t>(options.preferred->rank);
      if (rank < configurations && candidates->add(rank) &&
          candidates->preference(0) == *options.preferred) {
        return candidates;
      }
      candidates->forget();
    }
    for (std::int64_t rank = 0;
         rank < configurations && candidates->count() < options.most_candidates; ++rank) {
      candidates->add(rank);
    }
    if (candidates->count() == 0) {
      fail(ErrorKind::run, "cuDNN has no plan in {} bytes of workspace: of {} plans {} need more",
           options.most_workspace, configurations, candidates->too_large());
    }
    return candidates;
  }

  void lower(fe::graph::Graph& graph, const std::vector<fe::NumericalNote_t>& without) {
    const std::lock_guard lock(shared_.mutex);
    if (properties_ != nullptr) graph.set_device_properties(properties_);
    check(graph.validate(), "checking a graph");
    check(graph.build_operation_graph(shared_.handle.get()), "lowering a graph");
    check(graph.create_execution_plans({fe::HeurMode_t::A, fe::HeurMode_t::FALLBACK}),
          "listing plans");
    graph.deselect_numeric_notes(without);
  }

  PlanTarget target_;
  std::shared_ptr<fe::DeviceProperties> properties_;
  SharedHandle shared_;
};

}  // namespace

std::unique_ptr<Convolutions> make_convolutions(const PlanTarget& target) {
  return as_errors([&] { return std::make_unique<CudnnConvolutions>(target); });
}

}  // namespace sluice::cudnn::cuda
