// A plan while it is made: arrays of the program's block have numbers instead of places, and
// lifetimes follow from the operations that name them.
#pragma once

#include <string>
#include <vector>

#include "runtime/backend/bf16.h"
#include "runtime/backend/cudnn/fusion.h"
#include "runtime/backend/cudnn/plan.h"

namespace sluice::cudnn {

class Draft {
 public:
  explicit Draft(const PlanOptions& plan_of);

  // Of a batch's activation or gradient, and of `count` bytes.
  Array make(std::int64_t count, Precision element);
  Array make_bytes(std::int64_t count);

  // Gives every array its place.
  Plan place() &&;

  const PlanOptions& of;
  Plan plan;
  std::vector<LayerPlan> layers;
  // What a layer reads and gives, and what its own backward looks up; one entry a layer.
  std::vector<Array> results;
  std::vector<Array> notes;          // a max-pool's arguments, a dropout's kept units
  std::vector<std::size_t> weights;  // index of its first parameter; what others hold is not used
  Array rows;

  bool training() const { return of.options.purpose == Purpose::training; }
  Precision element(std::size_t layer) const { return output_element(of.net, layer, of.options); }
  const Array& source(std::size_t layer) const { return layer == 0 ? rows : results[layer - 1]; }
  Plane in(std::size_t layer) const { return plane(of.shapes[layer].in); }
  Plane out(std::size_t layer) const { return plane(of.shapes[layer].out); }
  // The weights that forward and backward data read.
  Array weights_of(std::size_t layer) const;
  Array biases_of(std::size_t layer) const;

 private:
  Plane plane(const Shape& row) const;

  std::vector<std::size_t> bytes_;  // one a number
};

ConvolutionShape convolution_shape(const Draft& draft, std::size_t layer, const Conv2d& conv);
ProductShape product_shape(const Draft& draft, std::size_t layer);
// What dropout multiplies a unit by that stays.
float kept_factor(const Dropout& dropout, Purpose purpose);

// draft_forward.cpp and draft_backward.cpp: a missing layer does not compile.
void add_forward(Draft& draft);
void add_backward(Draft& draft);

}  // namespace sluice::cudnn
