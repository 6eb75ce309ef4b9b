// Sums between the replicas of a net. An exchange is a message: whoever takes part is told when the
// sum is there, and nobody waits in a worker.
#pragma once

#include <exception>
#include <functional>
#include <span>

namespace sluice {

class Collective {
 public:
  virtual ~Collective() = default;
  virtual int world() const = 0;

  // Replaces `values` by the sum over all ranks of their `values`, each element summed in the order
  // of ranks. Every rank makes the same calls in the same order with as many values; `values` must
  // stay until `done`, which is called once, from any thread. Throws Error{usage} for a rank
  // outside the world or a call that does not match the others'.
  virtual void all_reduce(int rank, std::span<float> values,
                          std::function<void(std::exception_ptr)> done) = 0;
};

}  // namespace sluice
