#include "runtime/backend/cudnn/parameter_arrangement.h"

#include <cstring>
#include <span>

#include "runtime/backend/bf16.h"

namespace sluice::cudnn {
namespace {

constexpr std::int64_t kStep = 128;  // floats: rounded copies begin at multiples of 256 bytes too

std::int64_t next_start(std::int64_t floats) { return (floats + kStep - 1) / kStep * kStep; }

template <class T>
void append(std::vector<std::byte>& to, const std::vector<T>& values) {
  const auto bytes = std::as_bytes(std::span(values));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// What a layer's operations look up.
struct Table {
  std::vector<std::byte> bytes{};
  std::int64_t values = 0;

  static Table of(const PartialConv2d& conv) {
    std::vector<std::int32_t> pairs;
    for (std::size_t out = 0; out < conv.sees.size(); ++out) {
      for (const int in : conv.sees[out]) {
        pairs.push_back(static_cast<std::int32_t>(out));
        pairs.push_back(in);
      }
    }
    Table table{.values = static_cast<std::int64_t>(pairs.size())};
    append(table.bytes, pairs);
    return table;
  }
  static Table of(const Rbf& rbf) {
    Table table;
    for (const std::vector<std::int8_t>& code : rbf.codes) {
      append(table.bytes, code);
      table.values += static_cast<std::int64_t>(code.size());
    }
    return table;
  }
  static Table of(const auto&) { return {}; }
};

}  // namespace

ParameterArrangement::ParameterArrangement(const Net& net) {
  const std::vector<LayerShapes> shapes = infer_shapes(net);
  std::int64_t end = 0;
  for (const ParameterInfo& info : sluice::parameters(net)) {
    layouts_.push_back(device_layout(net.layers[info.layer], shapes[info.layer].in, info));
    first_.push_back(end);
    end = next_start(end + static_cast<std::int64_t>(layouts_.back()->floats()));
  }
  first_.push_back(end);
  add_tables(net);
}

void ParameterArrangement::add_tables(const Net& net) {
  for (const Layer& layer : net.layers) {
    const Table table = std::visit([](const auto& spec) { return Table::of(spec); }, layer.spec);
    tables_.emplace_back();
    if (table.values == 0) continue;
    tables_.back() = {Home::parameters, constants_at() + constants_.size(), table.values};
    constants_.insert(constants_.end(), table.bytes.begin(), table.bytes.end());
    constants_.resize((constants_.size() + 255) / 256 * 256);
  }
}

Array ParameterArrangement::part(Home home, std::size_t parameter, Precision element) const {
  return {home, static_cast<std::size_t>(first_[parameter]) * element_bytes(element),
          static_cast<std::int64_t>(layouts_[parameter]->floats()), element};
}

Array ParameterArrangement::values(std::size_t parameter) const {
  return part(Home::parameters, parameter, Precision::f32);
}

Array ParameterArrangement::gradient(std::size_t parameter) const {
  return part(Home::learning, parameter, Precision::f32);
}

Array ParameterArrangement::rounded(std::size_t parameter) const {
  return part(Home::rounded, parameter, Precision::bf16);
}

bool ParameterArrangement::serves(const ParameterArrangement& other) const {
  if (first_ != other.first_ || constants_ != other.constants_) return false;
  for (std::size_t i = 0; i < count(); ++i) {
    if (!same_order(*layouts_[i], *other.layouts_[i])) return false;
  }
  return true;
}

}  // namespace sluice::cudnn
