#include "io/predictions.h"

#include <cmath>

#include "tests/support/catch.h"

namespace sluice::io {
namespace {

const std::vector<std::string> kClasses{"cat", "a, b", "dog"};

std::vector<Prediction> some() {
  return {{.number = 0,
           .path = "val/x \"1\".jpg",
           .label = 1,
           .probability = 0.7,
           .best = {{1, 0.7}, {0, 0.2}, {2, 0.1}}},
          {.number = 1, .path = "y.jpg", .label = 0, .probability = 0.1, .best = {{2, 0.9}}},
          {.number = 2, .path = "z.jpg", .label = 0, .probability = 0.4, .best = {{1, 0.6}}}};
}

TEST_CASE("the best come first, of equals the lower class, without what is no number",
          "[io][predictions]") {
  const std::vector<double> p{0.1, 0.3, std::nan(""), 0.3, 0.2};
  const std::vector<Guess> best = best_of(p, 3);
  REQUIRE(best.size() == 3);
  CHECK((best[0].of_class == 1 && best[1].of_class == 3 && best[2].of_class == 4));
  CHECK(best_of(p).size() == 4);
}

TEST_CASE("the worst mistake is the one that was surest", "[io][predictions]") {
  const std::vector<Prediction> worst = worst_of(some(), 5);
  REQUIRE(worst.size() == 2);
  CHECK((worst[0].path == "y.jpg" && worst[1].path == "z.jpg"));
  CHECK(worst_of(some(), 1).size() == 1);
}

TEST_CASE("predictions are a row an image, with names quoted where CSV asks for it",
          "[io][predictions]") {
  const std::string csv = predictions_csv(some(), kClasses);
  CHECK(csv.starts_with("path,label,right,class1,probability1,"));
  CHECK(csv.find("\n\"val/x \"\"1\"\".jpg\",\"a, b\",1,\"a, b\",0.7,cat,0.2,dog,0.1,,,,\n") !=
        std::string::npos);
  CHECK(csv.find("\ny.jpg,cat,0,dog,0.9,,,,,,,,\n") != std::string::npos);
  const std::string json = predictions_json(some(), kClasses);
  CHECK(json.find("\"label\": \"a, b\"") != std::string::npos);
  CHECK(json.find("\"right\": false") != std::string::npos);
}

TEST_CASE("an image without a label has none", "[io][predictions]") {
  const std::vector<Prediction> one{{.path = "q.jpg", .best = {{0, 1.0}}}};
  CHECK(predictions_json(one, kClasses).find("label") == std::string::npos);
  CHECK(predictions_csv(one, kClasses).find("q.jpg,,0,cat,1") != std::string::npos);
}

}  // namespace
}  // namespace sluice::io
