// Where each parameter of a net, and each constant table of its layers, stands in the blocks that
// all programs of a state share. Follows from the net alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/backend/cudnn/array.h"
#include "runtime/backend/cudnn/parameter_layout.h"

namespace sluice::cudnn {

// Values, gradients, velocities and rounded copies have the same arrangement: parameter p the
// values from `first(p)`, zeros behind them up to the next. Plain data; any thread.
class ParameterArrangement {
 public:
  explicit ParameterArrangement(const Net& net);

  std::size_t count() const { return layouts_.size(); }
  const LayoutPointer& layout(std::size_t parameter) const { return layouts_[parameter]; }
  // One more than parameters.
  const std::vector<std::int64_t>& first() const { return first_; }
  std::int64_t floats() const { return first_.back(); }  // of all, with what stands between

  Array values(std::size_t parameter) const;
  Array gradient(std::size_t parameter) const;
  Array rounded(std::size_t parameter) const;
  Array all_values() const { return {Home::parameters, 0, floats()}; }
  Array all_gradients() const { return {Home::learning, 0, floats()}; }
  Array all_velocities() const { return {Home::learning, bytes(floats()), floats()}; }
  Array all_rounded() const { return {Home::rounded, 0, floats(), Precision::bf16}; }
  // Of a layer that has one: PartialConv2d's pairs (int32), Rbf's codes (int8).
  Array table(std::size_t layer) const { return tables_[layer]; }

  // The tables' bytes, which stand behind the values.
  std::size_t constants_at() const { return bytes(floats()); }
  const std::vector<std::byte>& constants() const { return constants_; }

  std::size_t parameters_bytes() const { return constants_at() + constants_.size(); }
  std::size_t learning_bytes() const { return 2 * bytes(floats()); }
  std::size_t rounded_bytes() const { return bytes(floats()) / 2; }

  // Whether a state arranged so serves programs of `other` too.
  bool serves(const ParameterArrangement& other) const;

 private:
  static std::size_t bytes(std::int64_t floats) {
    return static_cast<std::size_t>(floats) * sizeof(float);
  }
  Array part(Home home, std::size_t parameter, Precision element) const;
  void add_tables(const Net& net);

  std::vector<LayoutPointer> layouts_;
  std::vector<std::int64_t> first_;
  std::vector<Array> tables_;  // one a layer
  std::vector<std::byte> constants_;
};

}  // namespace sluice::cudnn
