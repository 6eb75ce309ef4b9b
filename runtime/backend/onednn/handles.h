// oneDNN's types and the few lines that make a primitive and run it. Only this folder's .cpp files
// and internal headers include it.
#pragma once

#include <initializer_list>
#include <oneapi/dnnl/dnnl.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

#include "runtime/backend/backend.h"
#include "runtime/tensor.h"

namespace sluice::onednn {

// The CPU engine and an in-order stream on it. Primitives run in the calling thread's arena.
struct Device {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

// A primitive with what a run needs to know; one caller at a time. Scratch memory comes from the
// caller always: oneDNN's own mode crashes when another thread than the maker runs the primitive.
struct Primitive {
  dnnl::primitive run;
  dnnl::memory::desc scratch;
  std::string name;  // of the implementation
  // By index, made by the first run: making them costs more than a small layer's work.
  std::unordered_map<int, dnnl::memory> memories{};

  template <class Description>
  static Primitive make(const Description& description) {
    return {dnnl::primitive(description), description.scratchpad_desc(),
            description.impl_info_str()};
  }
  std::size_t scratch_bytes() const { return run ? scratch.get_size() : 0; }
};

struct Argument {
  int index;  // DNNL_ARG_...
  const dnnl::memory::desc& desc;
  const void* data;
};

// Throws Error{run}: what could not be done ("compile the layer fc7"), and why.
[[noreturn]] void fail_run(const dnnl::error& error, std::string_view what);

// Runs and waits. `scratch` holds at least the primitive's scratch bytes. Descriptors are those of
// the first run.
void execute(const Device& device, Primitive& primitive, std::byte* scratch,
             std::initializer_list<Argument> arguments);

// Scratch memory from the caller.
dnnl::primitive_attr attributes();
// The same, and a ReLU on the result.
dnnl::primitive_attr attributes_with_relu();

// A batch of rows of shape (channels, height, width) as this backend keeps it: rows, height, width,
// channels (measured on AlexNet: the convolutions are as fast as in oneDNN's own choice or faster).
dnnl::memory::desc plane_desc(int batch, const Shape& row, Precision element);
// A batch of rows as (rows, features), features in memory order.
dnnl::memory::desc flat_desc(int batch, const Shape& row, Precision element);
dnnl::memory::desc bias_desc(std::int64_t count);  // f32
dnnl::memory::data_type data_type_of(Precision element);

}  // namespace sluice::onednn
