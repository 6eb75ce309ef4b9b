#include "runtime/backend/cudnn/parameter_home.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

namespace sluice::cudnn {
namespace {

constexpr std::size_t kPiece = std::size_t{8} << 20;  // bytes
constexpr std::size_t kPieces = 2;

}  // namespace

// Copies by way of two pinned pieces in turn: one is filled or emptied while the other is copied.
class DeviceParameters::Pieces {
 public:
  Pieces(Device& device, Queue& queue, std::byte* pinned)
      : device_(device), queue_(queue), pinned_(pinned) {}

  // `bytes`, then zeros up to `padded`.
  void send(std::span<const std::byte> bytes, std::size_t padded, std::byte* to) {
    for (std::size_t begin = 0; begin < padded; begin += kPiece) {
      const std::size_t size = std::min(kPiece, padded - begin);
      const std::size_t there = begin < bytes.size() ? std::min(size, bytes.size() - begin) : 0;
      std::byte* piece = next();
      if (there > 0) std::memcpy(piece, bytes.data() + begin, there);
      std::memset(piece + there, 0, size - there);
      queue_.copy_in({piece, size}, to + begin);
      marks_[turn_] = queue_.mark();
    }
  }

  void fetch(const std::byte* from, std::span<std::byte> bytes) {
    for (std::size_t begin = 0; begin < bytes.size(); begin += kPiece) {
      const std::size_t size = std::min(kPiece, bytes.size() - begin);
      std::byte* piece = next();
      queue_.copy_out(from + begin, {piece, size});
      marks_[turn_] = queue_.mark();
      fetched_[turn_] = bytes.subspan(begin, size);
    }
  }

  void finish() {
    for (std::size_t i = 0; i < kPieces; ++i) (void)next();
  }

 private:
  // The other piece, once it is not in use.
  std::byte* next() {
    turn_ = (turn_ + 1) % kPieces;
    std::byte* piece = pinned_ + turn_ * kPiece;
    if (marks_[turn_] != nullptr) device_.wait_for(marks_[turn_]);
    marks_[turn_] = nullptr;
    std::copy_n(piece, fetched_[turn_].size(), fetched_[turn_].data());
    fetched_[turn_] = {};
    return piece;
  }

  Device& device_;
  Queue& queue_;
  std::byte* pinned_;
  std::size_t turn_ = 0;
  std::array<MarkPointer, kPieces> marks_;
  std::array<std::span<std::byte>, kPieces> fetched_;
};

DeviceParameters::DeviceParameters(std::shared_ptr<Device> device, ParameterArrangement arrangement)
    : device_(std::move(device)), arrangement_(std::move(arrangement)) {}

void DeviceParameters::allocate(ParameterNeeds needs) {
  if (queue_ == nullptr) queue_ = device_->make_queue("parameters");
  if (staging_.data() == nullptr) staging_ = device_->allocate_pinned(kPieces * kPiece);
  const auto take = [&](DeviceBlock& block, std::size_t bytes) {
    if (block.data() == nullptr && bytes > 0) block = device_->allocate(bytes);
  };
  take(values_, arrangement_.parameters_bytes());
  if (needs.learning) take(learning_, arrangement_.learning_bytes());
  if (needs.rounded) take(rounded_, arrangement_.rounded_bytes());
}

void DeviceParameters::put_into(Memory& memory) const {
  memory.blocks[static_cast<std::size_t>(Home::parameters)] = values_.data();
  memory.blocks[static_cast<std::size_t>(Home::learning)] = learning_.data();
  memory.blocks[static_cast<std::size_t>(Home::rounded)] = rounded_.data();
}

std::byte* DeviceParameters::at(const Array& array) const {
  Memory memory;
  put_into(memory);
  return memory.at(array);
}

std::size_t DeviceParameters::bytes() const {
  return values_.size() + learning_.size() + rounded_.size();
}

void DeviceParameters::enter(Queue& queue) const {
  if (last_ != nullptr) queue.wait(last_);
}

void DeviceParameters::wait() const {
  if (last_ != nullptr) device_->wait_for(last_);
}

void DeviceParameters::send_tensors(Pieces& pieces, std::span<const Parameter> parameters) const {
  const Array velocities = arrangement_.all_velocities();
  std::vector<float> canonical, stored;
  const auto send = [&](std::size_t i, const Tensor& tensor, const Array& all) {
    std::span<const float> values = tensor.values();
    if (!values.empty() && !same_order(*parameters[i].layout, *arrangement_.layout(i))) {
      canonical.resize(static_cast<std::size_t>(parameters[i].info.shape.elements()));
      stored.resize(arrangement_.layout(i)->floats());
      parameters[i].layout->to_canonical(values, canonical);
      arrangement_.layout(i)->from_canonical(canonical, stored);
      values = stored;
    }
    const auto first = static_cast<std::size_t>(arrangement_.first()[i]);
    const auto padded = static_cast<std::size_t>(arrangement_.first()[i + 1]) - first;
    pieces.send(std::as_bytes(values), padded * sizeof(float), at(all) + first * sizeof(float));
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    send(i, parameters[i].values, arrangement_.all_values());
    if (learning_.data() == nullptr) continue;
    send(i, parameters[i].gradient, arrangement_.all_gradients());
    send(i, parameters[i].velocity, velocities);
  }
}

void DeviceParameters::send(std::span<const Parameter> parameters) {
  enter(*queue_);
  Pieces pieces(*device_, *queue_, staging_.data());
  send_tensors(pieces, parameters);
  const auto& constants = arrangement_.constants();
  pieces.send(constants, constants.size(), values_.data() + arrangement_.constants_at());
  pieces.finish();
}

void DeviceParameters::fetch(std::span<Parameter> parameters) {
  enter(*queue_);
  Pieces pieces(*device_, *queue_, staging_.data());
  std::vector<float> canonical, stored;
  const auto fetch = [&](std::size_t i, Tensor& tensor, const Array& all) {
    if (tensor.values().empty()) return;
    const std::byte* from =
        at(all) + static_cast<std::size_t>(arrangement_.first()[i]) * sizeof(float);
    if (same_order(*parameters[i].layout, *arrangement_.layout(i)))
      return pieces.fetch(from, std::as_writable_bytes(tensor.values()));
    stored.resize(arrangement_.layout(i)->floats());
    pieces.fetch(from, std::as_writable_bytes(std::span(stored)));
    pieces.finish();
    canonical.resize(static_cast<std::size_t>(parameters[i].info.shape.elements()));
    arrangement_.layout(i)->to_canonical(stored, canonical);
    parameters[i].layout->from_canonical(canonical, tensor.values());
  };
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    fetch(i, parameters[i].values, arrangement_.all_values());
    if (learning_.data() == nullptr) continue;
    fetch(i, parameters[i].gradient, arrangement_.all_gradients());
    fetch(i, parameters[i].velocity, arrangement_.all_velocities());
  }
  pieces.finish();
}

}  // namespace sluice::cudnn
