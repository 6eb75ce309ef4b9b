// Runs nodes of the catalogue on raw images, for scripts that compare them with other libraries.
//
// A job is a line of words between tabs on standard input:
//   IN  OUT  NODE  SAMPLE  KEY=VALUE ...
// and is answered by a line on standard output: the decision in words. Images are three int32
// (width, height, 0 for bytes or 1 for floats), then the pixels, R G B, all as the machine has
// them. The draw is Random({.seed = 0, .epoch = 0, .sample = SAMPLE, .stream = "augment/dump"});
// ranges whose ends are equal make it what a script wants. A fault ends the program with status 1.
#include <fmt/core.h>

#include <charconv>
#include <exception>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "nodes/augment_chain.h"
#include "nodes/catalogue.h"
#include "runtime/error.h"
#include "runtime/memory.h"

using namespace sluice;

namespace {

std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  for (std::size_t end = 0; end != std::string::npos; begin = end + 1) {
    end = line.find('\t', begin);
    words.push_back(line.substr(begin, end == std::string::npos ? end : end - begin));
  }
  return words;
}

// As a recipe would read it: a whole number, else a number, else a word.
io::RecipeValue value_of(const std::string& text) {
  std::int64_t whole = 0;
  const char* end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc{} && read.ptr == end)
    return whole;
  double number = 0;
  if (const auto read = std::from_chars(text.data(), end, number);
      read.ec == std::errc{} && read.ptr == end)
    return number;
  return text;
}

Image read_image(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<std::int32_t, 3> head{};
  file.read(reinterpret_cast<char*>(head.data()), sizeof head);
  require(file.good(), "{}: no raw image", path);
  Image image({head[0], head[1]}, head[2] == 0 ? PixelType::u8 : PixelType::f32);
  const auto bytes = static_cast<std::streamsize>(image_bytes(image.extent(), image.type()));
  file.read(reinterpret_cast<char*>(image.view().data), bytes);
  require(file.good(), "{}: cut short", path);
  return image;
}

void write_image(const std::string& path, const Image& image) {
  std::ofstream file(path, std::ios::binary);
  const std::array<std::int32_t, 3> head{image.extent().width, image.extent().height,
                                         image.type() == PixelType::u8 ? 0 : 1};
  file.write(reinterpret_cast<const char*>(head.data()), sizeof head);
  file.write(reinterpret_cast<const char*>(image.view().data),
             static_cast<std::streamsize>(image_bytes(image.extent(), image.type())));
  require(file.good(), "{}: cannot be written", path);
}

std::string run_job(const std::vector<std::string>& words) {
  require(words.size() >= 4, "a job is IN OUT NODE SAMPLE KEY=VALUE ..., between tabs");
  io::ChainEntry entry{.node = words[2], .name = "dump"};
  for (std::size_t i = 4; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    require(equals != std::string::npos, "'{}' is no KEY=VALUE", words[i]);
    entry.parameters.emplace_back(words[i].substr(0, equals),
                                  value_of(words[i].substr(equals + 1)));
  }
  const graph::Chain chain = nodes::make_chain(std::vector{entry}, Statistics{});
  require(chain.size() == 1, "node {} with these parameters does nothing", words[2]);
  const graph::AugmentStage& stage = *chain.front();
  const Image from = read_image(words[0]);
  Random random({.sample = static_cast<std::uint32_t>(std::stoul(words[3])),
                 .stream = stream_id("augment/dump")});
  const auto decision = stage.draw(random, from.extent());
  Image to(stage.extent_after(decision, from.extent()), stage.type_after(from.type()));
  const Block scratch =
      Block::allocate(stage.scratch_bytes(decision, from.extent(), from.type()) + 64);
  stage.apply(all_of(from.view()), decision, all_of(to.view()),
              {scratch.data(), stage.scratch_bytes(decision, from.extent(), from.type())});
  write_image(words[1], to);
  return stage.text(decision);
}

}  // namespace

int main() try {
  for (std::string line; std::getline(std::cin, line);)
    std::cout << run_job(words_of(line)) << std::endl;
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "augment_dump: {}\n", error.what());
  return 1;
}
