#include "runtime/backend/onednn/handles.h"

#include <string>

#include "runtime/error.h"

namespace sluice::onednn {

using dnnl::memory;

void fail_run(const dnnl::error& error, std::string_view what) {
  const std::string reason =
      error.status == dnnl_out_of_memory ? "out of memory" : std::string(error.what());
  fail(ErrorKind::run, "oneDNN cannot {}: {}", what, reason);
}

namespace {

void bind(const Device& device, Primitive& primitive, const Argument& argument) {
  // oneDNN's handles are not const, also of what it only reads.
  void* const data = const_cast<void*>(argument.data);
  const auto found = primitive.memories.find(argument.index);
  if (found != primitive.memories.end()) return found->second.set_data_handle(data);
  primitive.memories.emplace(argument.index, memory(argument.desc, device.engine, data));
}

}  // namespace

void execute(const Device& device, Primitive& primitive, std::byte* scratch,
             std::initializer_list<Argument> arguments) {
  try {
    for (const Argument& argument : arguments) bind(device, primitive, argument);
    if (primitive.scratch_bytes() > 0) {
      bind(device, primitive, {DNNL_ARG_SCRATCHPAD, primitive.scratch, scratch});
    }
    primitive.run.execute(device.stream, primitive.memories);
    dnnl::stream(device.stream).wait();
  } catch (const dnnl::error& error) {
    fail_run(error, "compute a layer");
  }
}

dnnl::primitive_attr attributes() {
  dnnl::primitive_attr attr;
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

dnnl::primitive_attr attributes_with_relu() {
  dnnl::post_ops operations;
  operations.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
  dnnl::primitive_attr attr = attributes();
  attr.set_post_ops(operations);
  return attr;
}

memory::data_type data_type_of(Precision element) {
  return element == Precision::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

memory::desc plane_desc(int batch, const Shape& row, Precision element) {
  return {{batch, row[0], row[1], row[2]}, data_type_of(element), memory::format_tag::nhwc};
}

memory::desc flat_desc(int batch, const Shape& row, Precision element) {
  return {{batch, row.elements()}, data_type_of(element), memory::format_tag::ab};
}

memory::desc bias_desc(std::int64_t count) {
  return {{count}, memory::data_type::f32, memory::format_tag::a};
}

}  // namespace sluice::onednn
