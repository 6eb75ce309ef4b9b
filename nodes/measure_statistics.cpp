#include "nodes/measure_statistics.h"

namespace sluice::nodes {

std::unique_ptr<augment::StatisticsSum> StatisticsPool::take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<augment::StatisticsSum>();
  auto sum = std::move(idle_.back());
  idle_.pop_back();
  return sum;
}

void StatisticsPool::add(ConstImageView image) {
  auto sum = take();
  sum->add(image);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(sum));
}

std::int64_t StatisticsPool::images() {
  const std::lock_guard lock(mutex_);
  std::int64_t images = 0;
  for (const auto& sum : idle_) images += sum->images();
  return images;
}

Statistics StatisticsPool::finish() {
  const std::lock_guard lock(mutex_);
  augment::StatisticsSum total;
  for (const auto& sum : idle_) total.merge(*sum);
  return total.finish();
}

}  // namespace sluice::nodes
