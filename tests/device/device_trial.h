// A net's blocks twice: in this process, where the host's twins work, and on a device.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "runtime/backend/cudnn/device.h"
#include "tests/device/net_plans.h"

namespace sluice::cudnn::test {

class DeviceTrial {
 public:
  // Blocks of a step's plan, filled with what a step of `planned` reads: rows, labels, weights,
  // parameters and factors are numbers, the rest zeros.
  DeviceTrial(std::shared_ptr<Device> device, const PlannedNet& planned, int rows);

  const Memory& on_device() const { return on_device_; }
  Memory on_host();
  Device& device() const { return *device_; }

  // All blocks; each waits.
  void send();
  void fetch();
  // The bytes that the device has in an operation's written arrays, one an array.
  std::vector<std::vector<std::byte>> fetch_written(const Operation& operation);

  // Makes the operations ready, sends all blocks and runs; waits.
  void run(std::span<const Operation> operations, const RecordOptions& options);
  const std::array<std::vector<std::byte>, kHomes>& blocks() const { return host_; }

 private:
  void fill(const PlannedNet& planned, int rows);
  void copy_in(std::span<const std::byte> from, std::byte* to);
  void copy_out(const std::byte* from, std::span<std::byte> to);

  std::shared_ptr<Device> device_;
  std::array<std::vector<std::byte>, kHomes> host_;
  std::array<DeviceBlock, kHomes> blocks_;
  DeviceBlock staging_;
  Memory on_device_;
  std::unique_ptr<Queue> queue_;
};

// An array that an operation writes.
struct Written {
  Array array;
  std::size_t bytes = 0;
};
std::vector<Written> written_by(const Operation& operation);

// How far apart two contents of a written array are: the norm of the difference over that of the
// second; of bytes 0 or 1.
double difference(const Written& what, std::span<const std::byte> one,
                  std::span<const std::byte> other);

}  // namespace sluice::cudnn::test
