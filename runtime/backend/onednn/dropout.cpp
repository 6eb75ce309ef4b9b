#include "runtime/backend/onednn/dropout.h"

#include "runtime/backend/onednn/kernels.h"
#include "runtime/backend/onednn/parallel.h"
#include "runtime/net/dropout_mask.h"

namespace sluice::onednn {
namespace {

float kept_factor(const Dropout& spec) {
  return spec.scaling == Dropout::Scaling::inverted ? static_cast<float>(1.0 / (1.0 - spec.drop))
                                                    : 1.0F;
}

// Of every unit where none is dropped.
float all_factor(const Dropout& spec) {
  return spec.scaling == Dropout::Scaling::vanilla ? static_cast<float>(1.0 - spec.drop) : 1.0F;
}

// From (channel, pixel) to (pixel, channel).
void to_memory_order(std::span<const std::uint8_t> canonical, std::size_t channels,
                     std::uint8_t* kept) {
  const std::size_t pixels = canonical.size() / channels;
  for (std::size_t i = 0; i < canonical.size(); ++i) {
    kept[i % pixels * channels + i / pixels] = canonical[i];
  }
}

}  // namespace

DropoutLayer::DropoutLayer(const Dropout& spec, const CompileContext& context)
    : spec_(spec),
      drops_(context.drops),
      stream_(dropout_stream(context.layer)),
      batch_(static_cast<std::size_t>(context.batch)),
      rows_an_image_(static_cast<std::uint32_t>(context.batch / context.images)),
      channels_(static_cast<std::size_t>(context.in[0])),
      pixels_(static_cast<std::size_t>(context.in.elements()) / channels_) {
  if (drops_ == Drops::yes) kept_ = context.plan.reserve(batch_ * channels_ * pixels_);
}

void DropoutLayer::draw_row(const Pass& pass, std::size_t row) const {
  const std::size_t units = channels_ * pixels_;
  std::uint8_t* kept = kept_.in<std::uint8_t>(pass.memory) + row * units;
  const DropoutKey key{.seed = pass.input.seed, .step = pass.input.step, .stream = stream_};
  const auto global_row = pass.input.first_row * rows_an_image_ + static_cast<std::uint32_t>(row);
  if (pixels_ == 1) return dropout_mask(key, spec_.drop, global_row, {kept, units});
  std::vector<std::uint8_t> canonical(units);
  dropout_mask(key, spec_.drop, global_row, canonical);
  to_memory_order(canonical, channels_, kept);
}

void DropoutLayer::forward(const Pass& pass) {
  const std::size_t units = channels_ * pixels_;
  const bool drops = drops_ == Drops::yes;
  with_element(pass.dst.element, [&](auto element) {
    using T = decltype(element);
    parallel_ranges(batch_, 1, [&](std::size_t first, std::size_t end) {
      const std::size_t at = first * units, count = (end - first) * units;
      const T* src = pass.src.as<T>() + at;
      T* dst = pass.dst.as<T>() + at;
      if (!drops) return kernels::scale(src, all_factor(spec_), count, dst);
      for (std::size_t row = first; row < end; ++row) draw_row(pass, row);
      kernels::mask(src, kept_.in<std::uint8_t>(pass.memory) + at, kept_factor(spec_), count, dst);
    });
  });
}

void DropoutLayer::backward(const Pass& pass) {
  const std::size_t units = channels_ * pixels_;
  with_element(pass.diff_src.element, [&](auto element) {
    using T = decltype(element);
    parallel_ranges(batch_, 1, [&](std::size_t first, std::size_t end) {
      const std::size_t at = first * units;
      if (drops_ == Drops::no)
        return kernels::scale(pass.diff_dst.as<T>() + at, all_factor(spec_), (end - first) * units,
                              pass.diff_src.as<T>() + at);
      kernels::mask(pass.diff_dst.as<T>() + at, kept_.in<std::uint8_t>(pass.memory) + at,
                    kept_factor(spec_), (end - first) * units, pass.diff_src.as<T>() + at);
    });
  });
}

}  // namespace sluice::onednn
