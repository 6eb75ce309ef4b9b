#include "runtime/backend/cudnn/cuda/finish.h"
#include "runtime/backend/cudnn/cuda/launch.h"
#include "runtime/backend/cudnn/elements/divider.h"
#include "runtime/backend/cudnn/elements/values.h"

namespace sluice::cudnn::cuda {
namespace {

template <class T>
struct Finished {
  elements::Divider by_channels;
  elements::Values<T> sums;
  const float* biases;
  FusedRelu relu;
  elements::Target out;

  SLUICE_HD void operator()(std::int64_t i) const {
    float value = sums[i];
    if (biases != nullptr) value += biases[by_channels.divide(i).remainder];
    if (relu == FusedRelu::yes && !(value > 0.0F)) value = 0.0F;
    out.store(i, value);
  }
};

}  // namespace

void launch_finish(const Finish& what, cudaStream_t stream) {
  // A target is made of a block and a place in it.
  Memory memory;
  memory.blocks[static_cast<std::size_t>(Home::program)] = what.out;
  const Array out{.home = Home::program, .count = what.values, .element = what.out_element};
  with_element(what.sums_element, [&]<class T>(T) {
    Launches{stream}.for_each(what.values,
                              Finished<T>{.by_channels = elements::Divider(what.channels),
                                          .sums = elements::Values<T>(what.sums),
                                          .biases = what.biases,
                                          .relu = what.relu,
                                          .out = elements::Target(memory, out)});
  });
}

}  // namespace sluice::cudnn::cuda
