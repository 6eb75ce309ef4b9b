// Times nodes of the catalogue, one thread, for a script that interleaves them with other
// libraries (peers/augment.py).
//
// Commands are lines of words between tabs on standard input, each answered by one line:
//   load  FILE                          images: three int32 (count, width, height), then u8 R G B
//   chain NODE KEY=VALUE ... [; NODE KEY=VALUE ...]   decisions of the images in words, by tabs
//   run   PASSES                        nanoseconds of `apply` over all images, so many times
//   save  FILE                          results, as `load` takes them (floats where they are): done
// Decisions are drawn once; sample numbers are the images' places. Results and scratch are taken
// before the clock runs. A fault ends the program with status 1.
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

// One node's work on one image: everything but the time it takes is settled.
struct Job {
  graph::DecisionBox decision;
  Image to;
};

struct Bench {
  std::vector<Image> images;
  graph::Chain chain;
  std::vector<std::vector<Job>> jobs;  // [image][node]
  Block scratch;
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

// The decision in words; the scratch grows to what it needs.
std::string settle(Bench& bench, const graph::AugmentStage& stage, std::size_t sample,
                   ConstImageView from, std::vector<Job>& jobs) {
  Random random({.sample = static_cast<std::uint32_t>(sample), .stream = stream_id("bench")});
  const graph::DecisionBox decision = stage.draw(random, from.extent);
  const std::size_t bytes = stage.scratch_bytes(decision, from.extent, from.type);
  if (bytes > bench.scratch.size()) bench.scratch = Block::allocate(bytes);
  jobs.push_back(
      {decision, Image(stage.extent_after(decision, from.extent), stage.type_after(from.type))});
  return stage.text(decision);
}

void apply(const Bench& bench, const graph::AugmentStage& stage, ConstImageView from, Job& job) {
  const std::size_t bytes = stage.scratch_bytes(job.decision, from.extent, from.type);
  stage.apply(all_of(from), job.decision, all_of(job.to.view()),
              bench.scratch.bytes().first(bytes));
}

std::string make(Bench& bench, const Words& words) {
  const std::vector<io::ChainEntry> entries = entries_of(words);
  bench.chain = nodes::make_chain(entries, Statistics{});
  require(bench.chain.size() == entries.size(), "a node with these parameters does nothing");
  bench.jobs.clear();
  bench.jobs.resize(bench.images.size());
  std::string texts;
  for (std::size_t i = 0; i < bench.images.size(); ++i) {
    ConstImageView from = std::as_const(bench.images[i]).view();
    bench.jobs[i].reserve(bench.chain.size());
    texts += i == 0 ? "" : "\t";
    for (const auto& stage : bench.chain) {
      texts += settle(bench, *stage, i, from, bench.jobs[i]);
      from = std::as_const(bench.jobs[i].back().to).view();
    }
  }
  return texts;
}

std::string run(Bench& bench, int passes) {
  require(!bench.jobs.empty(), "run before chain");
  const Clock::time_point begun = Clock::now();
  for (int pass = 0; pass < passes; ++pass) {
    for (std::size_t i = 0; i < bench.images.size(); ++i) {
      ConstImageView from = std::as_const(bench.images[i]).view();
      for (std::size_t n = 0; n < bench.chain.size(); ++n) {
        apply(bench, *bench.chain[n], from, bench.jobs[i][n]);
        from = std::as_const(bench.jobs[i][n].to).view();
      }
    }
  }
  return fmt::format("{:.0f}",
                     std::chrono::duration<double, std::nano>(Clock::now() - begun).count());
}

std::string save(const Bench& bench, const std::string& path) {
  require(!bench.jobs.empty(), "save before chain");
  std::ofstream file(path, std::ios::binary);
  const Image& first = bench.jobs.front().back().to;
  const std::array<std::int32_t, 3> head{static_cast<std::int32_t>(bench.jobs.size()),
                                         first.extent().width, first.extent().height};
  file.write(reinterpret_cast<const char*>(head.data()), sizeof head);
  for (const std::vector<Job>& jobs : bench.jobs) {
    const Image& image = jobs.back().to;
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
