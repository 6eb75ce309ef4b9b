// The ways in which a vendor's library can do one operation.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "runtime/backend/cudnn/device.h"

namespace sluice::cudnn::cuda {

// A way that was fastest before: `rank` is its place in the library's own list, which is the same
// for the same version and shape; the name tells if it is not.
struct Preference {
  std::size_t rank = 0;
  std::string name;

  friend bool operator==(const Preference&, const Preference&) = default;
};

// At least one, the library's own favourite first. Bound to the addresses of its arrays. Enqueuing
// is for one thread at a time.
class Candidates {
 public:
  virtual ~Candidates() = default;

  virtual std::size_t count() const = 0;
  virtual Preference preference(std::size_t candidate) const = 0;
  virtual std::size_t workspace(std::size_t candidate) const = 0;
  virtual void enqueue(std::size_t candidate, cudaStream_t stream, std::byte* workspace) const = 0;
};

struct PrepareOptions {
  F32Math math = F32Math::exact;
  std::size_t most_workspace = 0;  // bytes; ways that want more are left out
  std::size_t most_candidates = 6;
  std::optional<Preference> preferred{};
};

// Where arrays in a workspace begin.
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 255) / 256 * 256; }

}  // namespace sluice::cudnn::cuda
