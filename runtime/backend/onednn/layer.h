// What every layer of this backend is told when it is compiled and when it runs.
//
// A layer is a struct with `forward(const Pass&)` and `backward(const Pass&)`; the program holds
// them in a variant. Activations are (rows, height, width, channels) or (rows, features), in f32 or
// bf16 as the program was compiled; arrays are never null except where said. One caller at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/backend/backend.h"
#include "runtime/backend/onednn/element.h"
#include "runtime/backend/onednn/handles.h"
#include "runtime/backend/onednn/memory_plan.h"

namespace sluice::onednn {

// Whether the ReLU beside a layer is done inside it: after a convolution or fully connected layer
// forward, before an LRN or max-pool backward.
enum class FusedRelu { no, yes };
// Whether dropout draws masks.
enum class Drops { no, yes };
enum class InputGradient { unwanted, wanted };
// Of a layer's own parameters: unwanted in evaluation and where it is frozen.
enum class ParameterGradient { unwanted, wanted };

struct CompileContext {
  const Device& device;
  NetState& state;
  MemoryPlan& plan;
  int batch = 1;   // rows of the layer
  int images = 1;  // rows of the net: fewer, between windows and their mean
  Purpose purpose = Purpose::evaluation;
  Drops drops = Drops::no;
  Layouts layouts = Layouts::as_they_are;
  Precision precision = Precision::f32;
  // Of the layer at hand.
  std::string layer;
  Shape in;  // of one row, canonical
  Shape out;
  Precision out_element = Precision::f32;
  std::size_t weights = 0;  // index of its first parameter, where it has some
  FusedRelu relu = FusedRelu::no;
  std::optional<Lrn> lrn{};  // a max-pool's: the LRN right before it is done inside it
  InputGradient input_gradient = InputGradient::wanted;
  ParameterGradient parameter_gradient = ParameterGradient::unwanted;
};

struct Pass {
  const Device& device;
  const StepInput& input;
  Memory memory;       // the program's arrays
  std::byte* scratch;  // for the layer's own use during the call
  ConstArray src;
  Array dst;
  // Backward only. ReLU and dropout work in place: both the same. diff_src is null where unwanted.
  ConstArray diff_dst{};
  Array diff_src{};
};

}  // namespace sluice::onednn
