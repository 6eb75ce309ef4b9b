// Times nodes of the catalogue, one thread, for a script that interleaves them with other
// libraries (peers/augment.py).
//
// Commands are lines of words between tabs on standard input, each answered by one line:
//   load  FILE                          images: three int32 (count, width, height), then u8 R G B
//   chain NODE KEY=VALUE ... [; NODE KEY=VALUE ...]   decisions of the images in words, by tabs
//   run   PASSES                        nanoseconds over all images, so many times
//   save  FILE                          results, as `load` takes them (floats where they are): done
// Decisions are drawn once; sample numbers are the images' places. Results lie in memory of a pool,
// as in the pipeline: what one image gave back the next one takes. A fault ends the program with
// status 1.
#include <fmt/core.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "nodes/augment_chain.h"
#include "runtime/error.h"
#include "runtime/memory.h"

using namespace sluice;

namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

constexpr std::size_t kPoolBytes = std::size_t{1} << 30;

struct Bench {
  std::vector<Image> images;
  graph::Chain chain;
  std::vector<std::vector<graph::DecisionBox>> decisions;  // [image][node]
  BlockPool pool{kPoolBytes};
};

Words words_of(const std::string& line) {
  Words words(1);
  for (const char c : line) {
    if (c == '\t')
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end;
}

// As a recipe would read it: a whole number, else a number, else a word.
io::RecipeValue value_of(const std::string& text) {
  std::int64_t whole = 0;
  if (read_number(text, whole)) return whole;
  double number = 0;
  if (read_number(text, number)) return number;
  return text;
}

std::vector<io::ChainEntry> entries_of(const Words& words) {
  std::vector<io::ChainEntry> entries;
  bool begins = true;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    if (words[i] == ";") {
      begins = true;
    } else if (begins) {
      entries.push_back({.node = words[i], .name = words[i]});
      begins = false;
    } else {
      require(equals != std::string::npos, "'{}' is no KEY=VALUE", words[i]);
      entries.back().parameters.emplace_back(words[i].substr(0, equals),
                                             value_of(words[i].substr(equals + 1)));
    }
  }
  return entries;
}

std::string load(Bench& bench, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<std::int32_t, 3> head{};
  file.read(reinterpret_cast<char*>(head.data()), sizeof head);
  require(file.good() && head[0] > 0, "{}: no images", path);
  bench.images.clear();
  for (int i = 0; i < head[0]; ++i) {
    Image image({head[1], head[2]}, PixelType::u8);
    file.read(reinterpret_cast<char*>(image.view().data),
              static_cast<std::streamsize>(image_bytes(image.extent(), image.type())));
    bench.images.push_back(std::move(image));
  }
  require(file.good(), "{}: cut short", path);
  return fmt::format("{}", bench.images.size());
}

Image applied(Bench& bench, const graph::AugmentStage& stage, ConstImageView from,
              const graph::DecisionBox& decision) {
  Image to(bench.pool, stage.extent_after(decision, from.extent), stage.type_after(from.type));
  const std::size_t bytes = stage.scratch_bytes(decision, from.extent, from.type);
  const Block scratch = bytes == 0 ? Block() : bench.pool.take(bytes);
  stage.apply(all_of(from), decision, all_of(to.view()), scratch.bytes().first(bytes));
  return to;
}

// What the whole chain makes of an image.
Image result_of(Bench& bench, std::size_t image) {
  Image result;
  ConstImageView from = std::as_const(bench.images[image]).view();
  for (std::size_t n = 0; n < bench.chain.size(); ++n) {
    result = applied(bench, *bench.chain[n], from, bench.decisions[image][n]);
    from = std::as_const(result).view();
  }
  return result;
}

// The decisions in words.
std::string decide(Bench& bench, std::size_t image) {
  std::string texts;
  Extent extent = bench.images[image].extent();
  for (const auto& stage : bench.chain) {
    Random random({.sample = static_cast<std::uint32_t>(image), .stream = stream_id("bench")});
    const graph::DecisionBox decision = stage->draw(random, extent);
    bench.decisions[image].push_back(decision);
    extent = stage->extent_after(decision, extent);
    texts += stage->text(decision);
  }
  return texts;
}

std::string make(Bench& bench, const Words& words) {
  const std::vector<io::ChainEntry> entries = entries_of(words);
  bench.chain = nodes::make_chain(entries, Statistics{});
  require(bench.chain.size() == entries.size(), "a node with these parameters does nothing");
  bench.decisions.assign(bench.images.size(), {});
  std::string texts;
  for (std::size_t i = 0; i < bench.images.size(); ++i) {
    if (i > 0) texts += '\t';
    texts += decide(bench, i);
  }
  return texts;
}

std::string run(Bench& bench, int passes) {
  require(!bench.decisions.empty(), "run before chain");
  const Clock::time_point begun = Clock::now();
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i < bench.images.size(); ++i) result_of(bench, i);
  }
  return fmt::format("{:.0f}",
                     std::chrono::duration<double, std::nano>(Clock::now() - begun).count());
}

std::string save(Bench& bench, const std::string& path) {
  require(!bench.decisions.empty(), "save before chain");
  std::ofstream file(path, std::ios::binary);
  const Image first = result_of(bench, 0);
  const std::array<std::int32_t, 3> head{static_cast<std::int32_t>(bench.images.size()),
                                         first.extent().width, first.extent().height};
  file.write(reinterpret_cast<const char*>(head.data()), sizeof head);
  for (std::size_t i = 0; i < bench.images.size(); ++i) {
    const Image image = result_of(bench, i);
    require(image.extent() == first.extent(), "{}: results are of several sizes", path);
    file.write(reinterpret_cast<const char*>(image.view().data),
               static_cast<std::streamsize>(image_bytes(image.extent(), image.type())));
  }
  require(file.good(), "{}: cannot be written", path);
  return first.type() == PixelType::u8 ? "u8" : "f32";
}

std::string answer(Bench& bench, const Words& words) {
  require(words.size() >= 2, "a command is load FILE, chain NODE ..., run PASSES or save FILE");
  if (words[0] == "load") return load(bench, words[1]);
  if (words[0] == "chain") return make(bench, words);
  if (words[0] == "save") return save(bench, words[1]);
  int passes = 0;
  require(words[0] == "run" && read_number(words[1], passes) && passes >= 1,
          "'{} {}': valid are load FILE, chain NODE ..., run PASSES and save FILE", words[0],
          words[1]);
  return run(bench, passes);
}

}  // namespace

int main() try {
  Bench bench;
  for (std::string line; std::getline(std::cin, line);)
    std::cout << answer(bench, words_of(line)) << std::endl;
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_augment_node: {}\n", error.what());
  return 1;
}
