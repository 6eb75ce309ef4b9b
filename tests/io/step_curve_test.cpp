#include "io/report/step_curve.h"

#include <fmt/format.h>

#include <string>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using test::TempFolder;

constexpr const char* kHeader = "step,epoch,images,loss,learning_rate,images_per_second\n";

TEST_CASE("a short table is the curve itself", "[io][report]") {
  const TempFolder folder;
  const auto file = folder.add("steps.csv", std::string(kHeader) +
                                                "1,1,8,2.5,0.01,100\n"
                                                "2,1,16,,0.01,200\n");
  const StepCurve curve = read_step_curve(file, 10);
  CHECK(curve.steps_per_point == 1);
  REQUIRE(curve.points.size() == 2);
  CHECK(curve.points[0].loss == 2.5);
  CHECK(curve.points[1].step == 2);
  CHECK_FALSE(curve.points[1].loss.has_value());
  CHECK(curve.points[1].images_per_second == 200);
}

TEST_CASE("a long table becomes means of equally many steps, whatever its length", "[io][report]") {
  const TempFolder folder;
  for (int rows : {7, 8, 9, 15, 16, 17, 1000, 1023, 1024, 1025}) {
    std::string text = kHeader;
    double sum = 0;
    for (int step = 1; step <= rows; ++step) {
      sum += step;
      text += fmt::format("{0},1,{0},{0},0.5,{0}\n", step);
    }
    const StepCurve curve = read_step_curve(folder.add("steps.csv", text), 8);
    CAPTURE(rows);
    REQUIRE(!curve.points.empty());
    CHECK(curve.points.size() <= 8);
    CHECK(curve.points.back().step == rows);
    double again = 0;
    std::int64_t before = 0;
    for (const StepPoint& point : curve.points) {
      const auto steps = static_cast<double>(point.step - before);
      if (point.step != rows) CHECK(point.step - before == curve.steps_per_point);
      again += *point.loss * steps;
      CHECK(point.loss_min == static_cast<double>(before + 1));
      CHECK(point.loss_max == static_cast<double>(point.step));
      CHECK(point.images_per_second == Approx(*point.loss));
      before = point.step;
    }
    CHECK(again == Approx(sum));
  }
}

TEST_CASE("steps without a loss leave the mean of the others alone", "[io][report]") {
  const TempFolder folder;
  const auto file = folder.add("steps.csv", std::string(kHeader) +
                                                "1,1,8,,1,1\n2,1,16,4,1,1\n"
                                                "3,1,24,,1,1\n4,1,32,,1,1\n");
  const StepCurve curve = read_step_curve(file, 2);
  REQUIRE(curve.points.size() == 2);
  CHECK(curve.points[0].loss == 4.0);
  CHECK_FALSE(curve.points[1].loss.has_value());
}

TEST_CASE("a missing table is an empty curve, and a torn line ends it", "[io][report]") {
  const TempFolder folder;
  CHECK(read_step_curve(folder / "none.csv", 10).points.empty());
  const auto file = folder.add("steps.csv", std::string(kHeader) + "1,1,8,2,1,1\n2,1,1");
  CHECK(read_step_curve(file, 10).points.size() == 1);
}

}  // namespace
}  // namespace sluice::io
