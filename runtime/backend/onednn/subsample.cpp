#include "runtime/backend/onednn/subsample.h"

#include <algorithm>

#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

using Geometry = SubsampleGeometry;

std::shared_ptr<const OnednnLayout> map_layout(const CompileContext& context) {
  const std::int64_t maps = context.in[0];
  return std::make_shared<OnednnLayout>(biases_view(maps), bias_desc(maps));
}

// work(pixel, output): the first channel of the window's first pixel and of its output.
template <class Work>
void for_each_window(const Geometry& g, const Work& work) {
  for (std::size_t y = 0; y < g.out_side; ++y) {
    for (std::size_t x = 0; x < g.out_side; ++x) {
      work((y * g.side + x) * g.window * g.channels, (y * g.out_side + x) * g.channels);
    }
  }
}

// The sum over the window that begins at `first`, of one channel.
float window_sum(const Geometry& g, const float* first) {
  float sum = 0.0F;
  for (std::size_t y = 0; y < g.window; ++y) {
    for (std::size_t x = 0; x < g.window; ++x) {
      sum += first[(y * g.side + x) * g.channels];
    }
  }
  return sum;
}

void fill_window(const Geometry& g, float value, float* first) {
  for (std::size_t y = 0; y < g.window; ++y) {
    for (std::size_t x = 0; x < g.window; ++x) first[(y * g.side + x) * g.channels] = value;
  }
}

// Of one map each.
struct MapParameters {
  const float* coefficients;
  const float* biases;
};

void forward_row(const Geometry& g, MapParameters maps, const float* from, float* to) {
  for_each_window(g, [&](std::size_t pixel, std::size_t output) {
    for (std::size_t c = 0; c < g.channels; ++c) {
      const float sum = window_sum(g, from + pixel + c);
      to[output + c] = maps.coefficients[c] * sum + maps.biases[c];
    }
  });
}

// `sums`: the gradients of the coefficients, then of the biases.
void sum_row(const Geometry& g, const float* from, const float* gradient, float* sums) {
  std::fill_n(sums, 2 * g.channels, 0.0F);
  for_each_window(g, [&](std::size_t pixel, std::size_t output) {
    for (std::size_t c = 0; c < g.channels; ++c) {
      const float slope = gradient[output + c];
      sums[c] += slope * window_sum(g, from + pixel + c);
      sums[g.channels + c] += slope;
    }
  });
}

void spread_row(const Geometry& g, const float* coefficients, const float* gradient, float* to) {
  for_each_window(g, [&](std::size_t pixel, std::size_t output) {
    for (std::size_t c = 0; c < g.channels; ++c) {
      const float slope = gradient[output + c] * coefficients[c];
      fill_window(g, slope, to + pixel + c);
    }
  });
}

}  // namespace

SubsampleLayer::SubsampleLayer(const Subsample& spec, const CompileContext& context)
    : geometry_{.side = static_cast<std::size_t>(context.in[1]),
                .out_side = static_cast<std::size_t>(context.out[1]),
                .window = static_cast<std::size_t>(spec.side),
                .channels = static_cast<std::size_t>(context.in[0])},
      batch_(static_cast<std::size_t>(context.batch)),
      coefficients_(context.state, context.weights, map_layout(context)),
      biases_(context.state, context.weights + 1, map_layout(context)) {
  if (context.parameter_gradient == ParameterGradient::unwanted) return;
  coefficient_gradient_.emplace(context.state, context.weights, map_layout(context));
  bias_gradient_.emplace(context.state, context.weights + 1, map_layout(context));
}

std::size_t SubsampleLayer::scratch_bytes() const {
  return coefficient_gradient_ ? batch_ * 2 * geometry_.channels * sizeof(float) : 0;
}

void SubsampleLayer::forward(const Pass& pass) {
  const Geometry& g = geometry_;
  const MapParameters maps{static_cast<const float*>(coefficients_.values()),
                           static_cast<const float*>(biases_.values())};
  parallel_ranges(batch_, 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      forward_row(g, maps, pass.src.as<float>() + row * g.in_elements(),
                  pass.dst.as<float>() + row * g.out_elements());
    }
  });
}

// Each row for itself, then added up in their order: the same bits on any threads.
void SubsampleLayer::backward_parameters(const Pass& pass) {
  const Geometry& g = geometry_;
  float* const sums = reinterpret_cast<float*>(pass.scratch);
  parallel_ranges(batch_, 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      sum_row(g, pass.src.as<float>() + row * g.in_elements(),
              pass.diff_dst.as<float>() + row * g.out_elements(), sums + row * 2 * g.channels);
    }
  });
  float* const coefficients = coefficient_gradient_->target();
  float* const biases = bias_gradient_->target();
  for (std::size_t c = 0; c < g.channels; ++c) {
    coefficients[c] = biases[c] = 0.0F;
    for (std::size_t row = 0; row < batch_; ++row) {
      coefficients[c] += sums[row * 2 * g.channels + c];
      biases[c] += sums[(row * 2 + 1) * g.channels + c];
    }
  }
  coefficient_gradient_->finish();
  bias_gradient_->finish();
}

void SubsampleLayer::backward_input(const Pass& pass) {
  const Geometry& g = geometry_;
  const auto* const coefficients = static_cast<const float*>(coefficients_.values());
  parallel_ranges(batch_, 1, [&](std::size_t first, std::size_t end) {
    for (std::size_t row = first; row < end; ++row) {
      spread_row(g, coefficients, pass.diff_dst.as<float>() + row * g.out_elements(),
                 pass.diff_src.as<float>() + row * g.in_elements());
    }
  });
}

void SubsampleLayer::backward(const Pass& pass) {
  if (coefficient_gradient_) backward_parameters(pass);
  if (pass.diff_src) backward_input(pass);
}

}  // namespace sluice::onednn
