#include "nodes/run/protocol.h"

#include <set>

#include "nodes/augment_chain.h"
#include "nodes/run/view_average.h"
#include "nodes/run/view_chain.h"
#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::nodes {
namespace {

using augment::Mirror;

std::string refusal(const std::function<void()>& asked) {
  try {
    asked();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::usage ? error.what() : "not a usage error";
  }
  return "nothing was refused";
}

const std::vector<View>& crops(std::string_view name) {
  return find_protocol(name).parts.back().crops;
}

TEST_CASE("protocols have as many views as their papers say", "[nodes][protocol]") {
  CHECK(crops("centre").size() == 1);
  CHECK(with_flips(find_protocol("centre")).parts.front().crops.size() == 2);
  CHECK(crops("squash").size() == 2);
  CHECK(crops("ten-crop").size() == 10);
  CHECK(crops("multi-crop").size() == 50);
  CHECK(find_protocol("dense").parts.front().dense());
  REQUIRE(find_protocol("dense+multi-crop").parts.size() == 2);
  CHECK(find_protocol("dense+multi-crop").parts.front().dense());
  CHECK(crops("dense+multi-crop") == crops("multi-crop"));
}

TEST_CASE("each view but centre's has its mirror image", "[nodes][protocol]") {
  for (const Protocol& protocol : protocols()) {
    for (const ProtocolPart& part : protocol.parts) {
      if (protocol.name == "centre") continue;
      const std::size_t half = part.crops.size() / 2;
      for (std::size_t i = 0; i < half; ++i) {
        View turned = part.crops[i];
        CHECK(turned.mirror == Mirror::no);
        turned.mirror = Mirror::yes;
        CHECK(part.crops[half + i] == turned);
      }
    }
    CHECK(!protocol.source.empty());
    CHECK(!protocol.help.empty());
  }
}

TEST_CASE("ten-crop's squares are the corners and the middle", "[nodes][protocol]") {
  const Extent image{300, 256};
  const std::vector<Box> boxes{{0, 0, {224, 224}},
                               {76, 0, {224, 224}},
                               {38, 16, {224, 224}},
                               {0, 32, {224, 224}},
                               {76, 32, {224, 224}}};
  for (std::size_t i = 0; i < boxes.size(); ++i)
    CHECK(view_box(crops("ten-crop")[i], 224, image) == boxes[i]);
}

TEST_CASE("a name that is none is refused with all of them", "[nodes][protocol]") {
  const std::string line = refusal([] { find_protocol("ten_crop"); });
  for (const Protocol& protocol : protocols()) CHECK(line.find(protocol.name) != std::string::npos);
  CHECK(refusal([] { with_flips(find_protocol("dense")); }).find("--protocol centre") !=
        std::string::npos);
}

io::ChainEntry entry(const std::string& node,
                     std::vector<std::pair<std::string, io::RecipeValue>> parameters) {
  return {.node = node, .name = node, .use = true, .parameters = std::move(parameters)};
}

std::vector<io::ChainEntry> vgg_chain() {
  return {entry("rescale", {{"side", std::int64_t{256}}, {"filter", std::string("area")}}),
          entry("mean", {{"from", std::string("vgg")}}),
          entry("centre-crop", {{"side", std::int64_t{224}}}), entry("scale", {{"divisor", 2.0}})};
}

std::vector<std::string> names(const std::vector<io::ChainEntry>& chain) {
  std::vector<std::string> all;
  for (const io::ChainEntry& e : chain) all.push_back(e.node);
  return all;
}

TEST_CASE("views are taken in front of the last crop", "[nodes][protocol]") {
  const auto chain = view_chain(vgg_chain(), {.scale = 384, .owner = "it"});
  CHECK(names(chain) == std::vector<std::string>{"rescale", "mean", "scale"});
  CHECK(io::to_text(chain.front().parameters.back().second) == "384");
  // Of AlexNet's two crops the square that its mean image has stays.
  const auto square = view_chain(evaluation_chain(paper_chain()), {.owner = "it"});
  CHECK(names(square) == std::vector<std::string>{"rescale", "centre-crop", "mean", "scale"});
}

TEST_CASE("a node that moves nothing is no crop", "[nodes][protocol]") {
  auto chain = vgg_chain();
  chain.insert(chain.begin() + 3, entry("identity", {}));
  const auto views = view_chain(chain, {.owner = "it"});
  CHECK(names(views) == std::vector<std::string>{"rescale", "mean", "identity", "scale"});
}

TEST_CASE("a scale is that of the last rescale", "[nodes][protocol]") {
  auto chain = vgg_chain();
  chain.insert(chain.begin(), entry("rescale", {{"side", std::int64_t{300}}}));
  const auto views = view_chain(chain, {.scale = 384, .owner = "it"});
  CHECK(io::to_text(views[0].parameters.back().second) == "300");
  CHECK(io::to_text(views[1].parameters.back().second) == "384");
}

TEST_CASE("a squashed image is resized by the rescale's filter", "[nodes][protocol]") {
  const auto chain = view_chain(vgg_chain(), {.frame = Frame::squashed, .owner = "it"});
  CHECK(names(chain) == std::vector<std::string>{"resize", "mean", "scale"});
  CHECK(io::to_text(chain.front().parameters.back().second) == "'area'");
}

TEST_CASE("chains that allow no views are refused in one line", "[nodes][protocol]") {
  const auto squashed = [] {
    view_chain(evaluation_chain(paper_chain()), {.frame = Frame::squashed, .owner = "it"});
  };
  CHECK(refusal(squashed).find("mean image") != std::string::npos);
  auto chain = vgg_chain();
  CHECK(refusal([&] { view_chain(chain, {.scale = 200, .owner = "it"}); }).find("224") !=
        std::string::npos);
  chain.push_back(entry("blur", {}));
  CHECK(refusal([&] { view_chain(chain, {.owner = "it"}); }).find("'blur'") != std::string::npos);
  chain.erase(chain.begin());
  CHECK(refusal([&] { view_chain(chain, {.scale = 256, .owner = "it"}); }).find("no rescale") !=
        std::string::npos);
}

graph::Batch batch_of(std::int64_t number, std::vector<std::int32_t> labels) {
  graph::Batch batch;
  batch.number = number;
  batch.count = static_cast<int>(labels.size());
  batch.ids.resize(labels.size());
  batch.labels = std::move(labels);
  return batch;
}

TEST_CASE("an answer is the weighted mean of what branches say, classes by name",
          "[nodes][protocol]") {
  std::vector<std::vector<double>> told;
  ViewAverage average({0.25, 0.75}, {{0, 1}, {1, 0}}, [&](const Answer& answer) {
    told.emplace_back(answer.probabilities.begin(), answer.probabilities.end());
    CHECK(answer.label == 1);
  });
  const graph::Batch batch = batch_of(0, {1});
  average.add(0, batch, std::vector<double>{0.6, 0.4});
  CHECK(told.empty());
  average.add(1, batch, std::vector<double>{0.2, 0.8});
  REQUIRE(told.size() == 1);
  CHECK(told[0][0] == Approx(0.25 * 0.6 + 0.75 * 0.8));
  CHECK(told[0][1] == Approx(0.25 * 0.4 + 0.75 * 0.2));
}

TEST_CASE("an image that failed in one branch is bad in all, and said once", "[nodes][protocol]") {
  int bad = 0, good = 0;
  ViewAverage average({0.5, 0.5}, {{0}, {0}}, [&](const Answer& answer) {
    answer.bad != nullptr ? ++bad : ++good;
    CHECK(answer.probabilities.empty() == (answer.bad != nullptr));
  });
  graph::Batch failed = batch_of(3, {0, 0});
  average.add(0, failed, std::vector<double>{1.0, 1.0});
  failed.bad.push_back({.row = 1, .path = "a.jpg", .node = "views", .error = {"too small"}});
  average.add(1, failed, std::vector<double>{1.0, 1.0});
  CHECK(bad == 1);
  CHECK(good == 1);
}

}  // namespace
}  // namespace sluice::nodes
