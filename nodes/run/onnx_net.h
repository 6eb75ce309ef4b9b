// A net as an ONNX graph of standard operators. Pure.
#pragma once

#include <cstdint>

#include "io/onnx_model.h"
#include "runtime/net/net.h"

namespace sluice::nodes {

enum class OnnxEnding : std::uint8_t { scores, softmax };

enum class OnnxForm : std::uint8_t {
  crop,  // images of the net's own side
  dense  // images of any size: products become convolutions, the map of scores is averaged
         // (Simonyan and Zisserman, section 3.2)
};

struct OnnxOptions {
  OnnxEnding ending = OnnxEnding::scores;
  OnnxForm form = OnnxForm::crop;
};

// Input "images" (images, channels, height, width), the first free; output "scores", or
// "probabilities", (images, classes). Constants refer to `parameters(net)` by index; what has to be
// computed from one (a partial convolution as a whole one with zeros, a subsampling as a
// convolution of each map) is asked of `values`. Throws Error{usage} naming the layer that has no
// such form: `softmax` behind another loss, `dense` of distances to codes.
io::OnnxModel onnx_net(const Net& net, const OnnxOptions& options,
                       const io::OnnxParameters& values);

}  // namespace sluice::nodes
