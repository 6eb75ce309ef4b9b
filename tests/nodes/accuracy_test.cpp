#include "nodes/run/accuracy.h"

#include <cmath>

#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

graph::Batch batch_of(std::vector<float> scores, std::vector<std::int32_t> labels,
                      std::vector<float> weights) {
  graph::Batch batch;
  batch.count = static_cast<int>(labels.size());
  batch.scores = std::move(scores);
  batch.labels = std::move(labels);
  batch.row_weights = std::move(weights);
  return batch;
}

TEST_CASE("a rank counts the classes that score above, ties going to the lower class",
          "[nodes][accuracy]") {
  const std::vector<float> scores = {1, 3, 2, 3};
  CHECK(rank_of(scores, 1) == 0);
  CHECK(rank_of(scores, 3) == 1);
  CHECK(rank_of(scores, 2) == 2);
  CHECK(rank_of(scores, 0) == 3);
}

TEST_CASE("a score that is not a number is never right", "[nodes][accuracy]") {
  const std::vector<float> scores = {std::nanf(""), 0};
  CHECK(rank_of(scores, 0) > 5);
}

TEST_CASE("rows of weight 0 do not count and classes without images do not either",
          "[nodes][accuracy]") {
  Accuracy accuracy(3);
  // Class 0: right, wrong. Class 1: right. A bad row of class 2.
  accuracy.add(batch_of({2, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 9}, {0, 0, 1, 2}, {1, 1, 1, 0}));
  CHECK(accuracy.images() == 3);
  CHECK(accuracy.top1() == Approx(2.0 / 3));
  CHECK(accuracy.top5() == 1.0);
  CHECK(accuracy.per_class() == Approx(0.75));
}

TEST_CASE("top-5 counts the five best of many classes", "[nodes][accuracy]") {
  Accuracy accuracy(7);
  accuracy.add(batch_of({7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1}, {4, 5}, {1, 1}));
  CHECK(accuracy.top1() == 0.0);
  CHECK(accuracy.top5() == 0.5);
}

TEST_CASE("the predicted class is the one of rank 0", "[nodes][accuracy]") {
  const float none = std::nanf("");
  const std::vector<std::vector<float>> rows = {
      {1, 3, 2, 3}, {5, 5, 5, 5}, {none, -2, none, -3}, {0, 0, 1, none}};
  for (const std::vector<float>& scores : rows) {
    const int predicted = predicted_class(scores);
    CHECK(rank_of(scores, predicted) == 0);
  }
  CHECK(predicted_class(std::vector<float>{none, none}) == -1);
}

TEST_CASE("confusions count what each label was taken for", "[nodes][accuracy]") {
  Accuracy accuracy(3);
  accuracy.add(batch_of({2, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 9}, {0, 0, 1, 2}, {1, 1, 1, 0}));
  const std::vector<std::int64_t> counted = {1, 1, 0, 0, 1, 0, 0, 0, 0};
  CHECK(accuracy.confusions() == counted);
  CHECK(Accuracy(Accuracy::kMostConfused + 1).confusions().empty());
}

TEST_CASE("no images give no accuracy", "[nodes][accuracy]") {
  CHECK(Accuracy(2).top1() == 0.0);
  CHECK(Accuracy(2).per_class() == 0.0);
}

}  // namespace
}  // namespace sluice::nodes
