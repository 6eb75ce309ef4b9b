#include "runtime/backend/onednn/windows.h"

#include <algorithm>

#include "runtime/backend/onednn/parallel.h"

namespace sluice::onednn {
namespace {

std::size_t size(std::int64_t elements) { return static_cast<std::size_t>(elements); }

}  // namespace

WindowsLayer::WindowsLayer(const Windows& spec, const CompileContext& context)
    : images_(size(context.images)),
      height_(size(context.in[1])),
      width_(size(context.in[2])),
      channels_(size(context.in[0])),
      side_(size(spec.side)) {}

// Window by window; each is `side` runs of pixels of the plane.
void WindowsLayer::forward(const Pass& pass) {
  const std::size_t run = side_ * channels_, window = side_ * run;
  with_element(pass.dst.element, [&]<class T>(T) {
    const T* const src = pass.src.as<T>();
    T* const dst = pass.dst.as<T>();
    parallel_ranges(images_ * rows() * columns(), 1, [&](std::size_t first, std::size_t end) {
      for (std::size_t w = first; w < end; ++w) {
        const std::size_t image = w / (rows() * columns());
        const std::size_t top = w / columns() % rows(), left = w % columns();
        for (std::size_t y = 0; y < side_; ++y) {
          const std::size_t at = (image * height_ + top + y) * width_ + left;
          std::copy_n(src + at * channels_, run, dst + w * window + y * run);
        }
      }
    });
  });
}

// Row of pixels by row of pixels: what all windows that see it say to it, in their order.
void WindowsLayer::backward(const Pass& pass) {
  const std::size_t run = side_ * channels_, window = side_ * run, row = width_ * channels_;
  with_element(pass.diff_src.element, [&]<class T>(T) {
    const T* const from = pass.diff_dst.as<T>();
    T* const to = pass.diff_src.as<T>();
    parallel_ranges(images_ * height_, 1, [&](std::size_t first, std::size_t end) {
      std::vector<float> sums(row);
      for (std::size_t i = first; i < end; ++i) {
        const std::size_t image = i / height_, y = i % height_;
        std::ranges::fill(sums, 0.0F);
        for (std::size_t top = y < side_ ? 0 : y - side_ + 1; top < std::min(y + 1, rows()); ++top)
          for (std::size_t left = 0; left < columns(); ++left) {
            const std::size_t w = (image * rows() + top) * columns() + left;
            const T* const seen = from + w * window + (y - top) * run;
            for (std::size_t v = 0; v < run; ++v) sums[left * channels_ + v] += to_float(seen[v]);
          }
        std::ranges::transform(sums, to + i * row, [](float sum) { return rounded_to<T>(sum); });
      }
    });
  });
}

WindowMeanLayer::WindowMeanLayer(const CompileContext& context)
    : images_(size(context.images)),
      windows_(size(context.batch / context.images)),
      features_(size(context.in.elements())) {}

// Sums in double, in the windows' order.
void WindowMeanLayer::forward(const Pass& pass) {
  with_element(pass.src.element, [&]<class From>(From) {
    with_element(pass.dst.element, [&]<class To>(To) {
      const From* const src = pass.src.as<From>();
      To* const dst = pass.dst.as<To>();
      std::vector<double> sums(features_);
      for (std::size_t image = 0; image < images_; ++image) {
        std::ranges::fill(sums, 0.0);
        const From* const scores = src + image * windows_ * features_;
        for (std::size_t i = 0; i < windows_ * features_; ++i)
          sums[i % features_] += static_cast<double>(to_float(scores[i]));
        for (std::size_t f = 0; f < features_; ++f)
          dst[image * features_ + f] =
              rounded_to<To>(static_cast<float>(sums[f] / static_cast<double>(windows_)));
      }
    });
  });
}

void WindowMeanLayer::backward(const Pass& pass) {
  with_element(pass.diff_src.element, [&]<class T>(T) {
    const T* const from = pass.diff_dst.as<T>();
    T* const to = pass.diff_src.as<T>();
    for (std::size_t i = 0; i < images_ * windows_ * features_; ++i) {
      const std::size_t row = i / features_ / windows_;
      to[i] = rounded_to<T>(to_float(from[row * features_ + i % features_]) /
                            static_cast<float>(windows_));
    }
  });
}

}  // namespace sluice::onednn
