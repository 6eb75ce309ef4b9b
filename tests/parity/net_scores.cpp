// What a trained net gives for rows of numbers, for scripts that compare it with other programs.
//
//   net_scores NET WEIGHTS ROWS.safetensors SCORES.safetensors
//
// ROWS has "rows", (images, channels, height, width), as a net of another program takes them;
// SCORES gets "scores", (images, classes), before the softmax, of the fastest backend there is. A
// fault ends the program with status 1.
#include <fmt/core.h>

#include <exception>
#include <string>
#include <vector>

#include "nodes/run/saved_net.h"
#include "runtime/arena.h"
#include "runtime/backend/make_backend.h"
#include "runtime/error.h"

using namespace sluice;

namespace {

struct Rows {
  Shape shape;
  std::vector<float> values;  // (images, height, width, channels), as programs take them
};

Rows read_rows(const std::string& path) {
  const io::SafetensorsFile file(path);
  const io::TensorEntry* const entry = file.find("rows");
  require(entry != nullptr && entry->shape.rank() == 4, "{} has no rows of four axes", path);
  std::vector<float> planes(static_cast<std::size_t>(entry->shape.elements()));
  file.read(*entry, planes);
  Rows rows{.shape = entry->shape, .values = std::vector<float>(planes.size())};
  const auto channels = static_cast<std::size_t>(rows.shape[1]);
  const auto pixels = static_cast<std::size_t>(rows.shape[2] * rows.shape[3]);
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const std::size_t row = i / (channels * pixels), at = i % (channels * pixels);
    rows.values[(row * pixels + at % pixels) * channels + at / pixels] = planes[i];
  }
  return rows;
}

// Parameters that are about to be read need not be drawn.
Net undrawn(Net net) {
  for (Layer& layer : net.layers) layer.start = {.deviation = 0.0};
  return net;
}

std::vector<float> scores_of(const nodes::SavedNet& saved, const Rows& rows) {
  const auto images = static_cast<std::size_t>(rows.shape[0]);
  const auto backend = make_backend("auto");
  NetState state(undrawn(saved.net()), 0);
  for (std::size_t i = 0; i < saved.parameters().size(); ++i) state.write(i, saved.read(i));
  const std::vector<std::int32_t> labels(images, 0);
  const std::vector<float> weights(images, 1.0F);
  const auto program = backend->compile(saved.net(), state, {.batch = static_cast<int>(images)});
  std::exception_ptr failure;
  program->run(
      Phase::forward,
      {.rows = rows.values, .labels = labels, .row_weights = weights, .last = Phase::forward},
      [&](std::exception_ptr told) { failure = std::move(told); });
  program->settle();
  if (failure) std::rethrow_exception(failure);
  return {program->scores().begin(), program->scores().end()};
}

void run(const std::vector<std::string>& words) {
  require(words.size() == 4, "usage: net_scores NET WEIGHTS ROWS SCORES");
  const nodes::SavedNet saved(words[1], words[0]);
  const Rows rows = read_rows(words[2]);
  std::vector<float> scores;
  Arena arena;
  arena.run([&] { scores = scores_of(saved, rows); });
  const Shape shape{rows.shape[0], class_count(saved.net())};
  io::write_safetensors(words[3], std::vector<io::NamedTensor>{{"scores", {shape, scores}}}, {});
}

}  // namespace

int main(int count, char** arguments) {
  try {
    run({arguments + 1, arguments + count});
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "net_scores: error: {}\n", error.what());
    return 1;
  }
}
