#include "runtime/backend/onednn/handles.h"

#include <string>
#include <unordered_map>

#include "runtime/error.h"

namespace sluice::onednn {

using dnnl::memory;

void fail_run(const dnnl::error& error, std::string_view what) {
  const std::string reason =
      error.status == dnnl_out_of_memory ? "out of memory" : std::string(error.what());
  fail(ErrorKind::run, "oneDNN cannot {}: {}", what, reason);
}

void execute(const Device& device, const Primitive& primitive, std::byte* scratch,
             std::initializer_list<Argument> arguments) {
  std::unordered_map<int, memory> memories;
  for (const Argument& argument : arguments) {
    // oneDNN's handles are not const, also of what it only reads.
    memories.emplace(argument.index,
                     memory(argument.desc, device.engine, const_cast<float*>(argument.data)));
  }
  if (primitive.scratch_bytes() > 0) {
    memories.emplace(DNNL_ARG_SCRATCHPAD, memory(primitive.scratch, device.engine, scratch));
  }
  try {
    primitive.run.execute(device.stream, memories);
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

memory::desc plane_desc(int batch, const Shape& row) {
  return {{batch, row[0], row[1], row[2]}, memory::data_type::f32, memory::format_tag::nhwc};
}

memory::desc flat_desc(int batch, const Shape& row) {
  return {{batch, row.elements()}, memory::data_type::f32, memory::format_tag::ab};
}

memory::desc bias_desc(std::int64_t count) {
  return {{count}, memory::data_type::f32, memory::format_tag::a};
}

}  // namespace sluice::onednn
