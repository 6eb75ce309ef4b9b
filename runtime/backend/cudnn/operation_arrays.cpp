#include "runtime/backend/cudnn/operation_arrays.h"

#include "runtime/backend/bf16.h"
#include "runtime/row_transform.h"

namespace sluice::cudnn {
namespace {

using Visit = std::function<void(Array&, ArrayUse)>;

// One operation's arrays. `Bytes`: of a value that is no f32 or bf16.
struct Arrays {
  const Visit& visit;

  void use(Array& array, Access access, std::size_t value_bytes) const {
    if (!array) return;
    visit(array, {.access = access, .bytes = static_cast<std::size_t>(array.count) * value_bytes});
  }
  void reads(Array& array, std::size_t value_bytes) const { use(array, Access::read, value_bytes); }
  void writes(Array& array, std::size_t value_bytes) const {
    use(array, Access::write, value_bytes);
  }
  void reads(Array& array) const { reads(array, element_bytes(array.element)); }
  void writes(Array& array) const { writes(array, element_bytes(array.element)); }
  // Of such an operation's usual parts.
  template <class Weighted>
  void forward(Weighted& w) const {
    reads(w.in);
    reads(w.weights);
    reads(w.biases);
    writes(w.out);
  }
  template <class Weighted>
  void backward_data(Weighted& w) const {
    reads(w.out_gradient);
    reads(w.weights);
    writes(w.in_gradient);
  }
  template <class Weighted>
  void backward_weights(Weighted& w) const {
    reads(w.out_gradient);
    reads(w.in);
    writes(w.weights_gradient);
  }
  template <class Elementwise>
  void by_output(Elementwise& e) const {
    reads(e.out);
    reads(e.out_gradient);
    writes(e.in_gradient);
  }
  template <class Elementwise>
  void by_input(Elementwise& e) const {
    reads(e.in);
    reads(e.out_gradient);
    writes(e.in_gradient);
  }
  template <class Elementwise>
  void straight(Elementwise& e) const {
    reads(e.in);
    writes(e.out);
  }

  void operator()(TakeRows& t) const {
    reads(t.from);
    reads(t.row_weights);
    writes(t.to);
  }
  void operator()(TakeBytes& t) const {
    reads(t.from, 1);
    reads(t.transforms, sizeof(RowTransform));
    reads(t.image);
    reads(t.row_weights);
    writes(t.to);
  }
  void operator()(ConvolutionForward& c) const { forward(c); }
  void operator()(ConvolutionBackwardData& c) const { backward_data(c); }
  void operator()(ConvolutionBackwardWeights& c) const { backward_weights(c); }
  void operator()(ProductForward& p) const { forward(p); }
  void operator()(ProductBackwardData& p) const { backward_data(p); }
  void operator()(ProductBackwardWeights& p) const { backward_weights(p); }
  void operator()(BiasGradient& b) const {
    reads(b.out_gradient);
    writes(b.partial);
    writes(b.biases_gradient);
  }
  void operator()(ReluForward& e) const { straight(e); }
  void operator()(ReluBackward& e) const { by_output(e); }
  void operator()(TanhForward& e) const { straight(e); }
  void operator()(TanhBackward& e) const { by_output(e); }
  void operator()(LrnForward& e) const { straight(e); }
  void operator()(LrnBackward& e) const { by_input(e); }
  void operator()(SameMapLrnForward& e) const { straight(e); }
  void operator()(SameMapLrnBackward& e) const { by_input(e); }
  void operator()(MaxPoolForward& p) const {
    reads(p.source);
    writes(p.result);
    writes(p.argmax, 1);
  }
  void operator()(MaxPoolBackward& p) const {
    reads(p.argmax, 1);
    reads(p.out_gradient);
    writes(p.in_gradient);
  }
  void operator()(DropoutForward& d) const {
    straight(d);
    writes(d.kept, 1);
  }
  void operator()(DropoutBackward& d) const {
    reads(d.kept, 1);
    reads(d.out_gradient);
    writes(d.in_gradient);
  }
  void operator()(PartialConvolutionForward& p) const {
    reads(p.table, sizeof(std::int32_t));
    reads(p.source);
    reads(p.weights);
    reads(p.biases);
    writes(p.result);
  }
  void operator()(PartialConvolutionBackwardData& p) const {
    reads(p.table, sizeof(std::int32_t));
    backward_data(p);
  }
  void operator()(PartialConvolutionBackwardWeights& p) const {
    reads(p.table, sizeof(std::int32_t));
    reads(p.out_gradient);
    reads(p.source);
    writes(p.weights_gradient);
  }
  void operator()(SubsampleForward& s) const {
    reads(s.source);
    reads(s.coefficients);
    reads(s.biases);
    writes(s.result);
  }
  void operator()(SubsampleBackwardData& s) const {
    reads(s.out_gradient);
    reads(s.coefficients);
    writes(s.in_gradient);
  }
  void operator()(SubsampleBackwardWeights& s) const {
    reads(s.out_gradient);
    reads(s.source);
    writes(s.coefficients_gradient);
  }
  void operator()(RbfForward& r) const {
    reads(r.codes, 1);
    reads(r.in);
    writes(r.scores);
  }
  void operator()(RbfBackward& r) const {
    reads(r.codes, 1);
    reads(r.in);
    reads(r.scores_gradient);
    writes(r.in_gradient);
  }
  void operator()(LossForward& l) const {
    reads(l.scores);
    reads(l.labels, sizeof(std::int32_t));
    reads(l.row_weights);
    reads(l.other_labels, sizeof(std::int32_t));
    reads(l.other_shares);
    writes(l.losses);
  }
  void operator()(LossBackward& l) const {
    reads(l.scores);
    reads(l.labels, sizeof(std::int32_t));
    reads(l.row_weights);
    reads(l.other_labels, sizeof(std::int32_t));
    reads(l.other_shares);
    writes(l.scores_gradient);
  }
  void operator()(RoundValues& r) const {
    reads(r.from);
    writes(r.to);
  }
  void operator()(Update& u) const {
    reads(u.factors, sizeof(UpdateSegment));
    reads(u.gradients);
    reads(u.velocities);
    reads(u.values);
    writes(u.velocities);
    writes(u.values);
  }
};

}  // namespace

void for_each_array(OperationKind& what, const Visit& visit) { std::visit(Arrays{visit}, what); }

}  // namespace sluice::cudnn
