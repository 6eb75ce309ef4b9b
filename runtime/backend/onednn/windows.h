// Windows of a plane as rows of their own, and the mean over them.
#pragma once

#include "runtime/backend/onednn/layer.h"

namespace sluice::onednn {

// Copies each window: what is behind it multiplies matrices.
class WindowsLayer {
 public:
  WindowsLayer(const Windows& spec, const CompileContext& context);

  void forward(const Pass& pass);
  void backward(const Pass& pass);

 private:
  // In values; a row of a window is `side` pixels.
  std::size_t images_, height_, width_, channels_, side_;

  std::size_t rows() const { return height_ - side_ + 1; }  // of windows
  std::size_t columns() const { return width_ - side_ + 1; }
};

class WindowMeanLayer {
 public:
  explicit WindowMeanLayer(const CompileContext& context);

  void forward(const Pass& pass);
  void backward(const Pass& pass);

 private:
  std::size_t images_, windows_, features_;
};

}  // namespace sluice::onednn
