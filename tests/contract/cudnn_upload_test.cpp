// Rows on their way to programs of the cuDNN backend, on a device that computes in plain loops:
// ahead of their steps, whole and in pieces, as floats and as bytes.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/backend/replicas.h"
#include "tests/contract/cudnn_trial.h"
#include "tests/support/catch.h"
#include "tests/support/steps.h"

namespace sluice::test {
namespace {

// Waits until the device has begun so many pieces of work, or too long.
bool has_begun(const FakeDevice& device, int work) {
  for (int turn = 0; turn < 2000 && device.counts().work < work; ++turn)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return device.counts().work >= work;
}

// Larger than the net's rows by 3 columns and 5 rows.
RowImage image_around(const LayerCase& c, float shift) {
  const Extent extent{c.net.side + 3, c.net.side + 5};
  auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(extent.pixels()) * 3);
  for (std::size_t i = 0; i < values->size(); ++i)
    (*values)[i] = 100.3F + static_cast<float>(i % 97) * 0.37F + shift;
  return {.values = std::move(values), .extent = extent};
}

// Rows at places of their own in the image, and what they are in floats, by hand.
ByteRows rows_of_image(const LayerCase& c, const RowImage& image) {
  ByteRows rows = byte_rows(c);
  const auto side = static_cast<std::size_t>(c.net.side);
  const auto channels = static_cast<std::size_t>(c.net.channels);
  const auto width = static_cast<std::size_t>(image.extent.width);
  for (std::size_t row = 0; row < rows.transforms.size(); ++row) {
    RowTransform& transform = rows.transforms[row];
    transform = {.flip = static_cast<std::int32_t>(row % 2),
                 .left = static_cast<std::int32_t>(row % 4),
                 .top = static_cast<std::int32_t>((row + 2) % 6)};
    add_step(transform, {.kind = RowTransform::Kind::subtract_image});
    add_step(transform, {RowTransform::Kind::divide, {58.5F, 58.5F, 58.5F}});
  }
  for (std::size_t i = 0; i < rows.floats.size(); ++i) {
    const std::size_t channel = i % channels, x = i / channels % side;
    const std::size_t y = i / channels / side % side, row = i / channels / side / side;
    const RowTransform& transform = rows.transforms[row];
    const std::size_t from = transform.flip != 0 ? side - 1 - x : x;
    const auto byte = std::to_integer<int>(rows.bytes[i - x * channels + from * channels]);
    const std::size_t at = (y + static_cast<std::size_t>(transform.top)) * width + from +
                           static_cast<std::size_t>(transform.left);
    rows.floats[i] = (static_cast<float>(byte) - (*image.values)[at * 3 + channel]) / 58.5F;
  }
  return rows;
}

}  // namespace

TEST_CASE("uploads run ahead of their steps and change nothing", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  constexpr int kSteps = 6;
  std::vector<CaseData> batches;
  for (int i = 0; i < kSteps; ++i) batches.push_back(case_data(c, static_cast<std::uint64_t>(i)));
  const auto trained = [&](int ahead) {
    const auto device = make_fake_device({.chance = std::chrono::microseconds(200)});
    const auto backend = on(device);
    NetState state(c.net, kStateSeed);
    const auto program =
        backend->compile(c.net, state, {.batch = c.batch, .purpose = Purpose::training});
    int uploaded = 0;
    std::vector<float> losses;
    for (int step = 0; step < kSteps; ++step) {
      for (; ahead > 0 && uploaded < std::min(step + ahead, kSteps); ++uploaded) {
        Asked asked;
        program->upload(batches[static_cast<std::size_t>(uploaded)].input(), asked.told());
        REQUIRE(asked.times() == 1);
      }
      StepInput input = batches[static_cast<std::size_t>(step)].input();
      input.step = static_cast<std::uint32_t>(step);
      for (const Phase phase : kStep) run_now(*program, phase, input);
      losses.insert(losses.end(), program->row_losses().begin(), program->row_losses().end());
    }
    CHECK(program->device_times()->bytes_copied ==
          kSteps * std::as_bytes(std::span(batches[0].rows)).size());
    const std::vector<float> weights = state.read(0);
    losses.insert(losses.end(), weights.begin(), weights.end());
    return losses;
  };
  const std::vector<float> plain = trained(0);
  for (const int ahead : {1, 2, 3, 5}) {
    CAPTURE(ahead);
    CHECK(trained(ahead) == plain);
  }
}

TEST_CASE("pieces of a step are copied before it, as many as there are slots, and each once",
          "[cudnn][upload]") {
  LayerCase c = layer_case("a small net");
  c.batch = 5;
  const ByteRows rows = byte_rows(c);
  const CaseData data = case_data(c);
  const auto device = make_fake_device();
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program = compile_divided(*backend, c.net, state, {.batch = c.batch},
                                       {.replicas = 1, .micro_batch = 1});
  StepInput input = as_bytes(data, rows);
  Asked asked;
  program->upload(input, asked.told());
  REQUIRE(asked.times() == 1);
  CHECK(has_begun(*device, 2));
  run_now(*program, Phase::forward, input);
  const std::vector<float> scores(program->scores().begin(), program->scores().end());
  CHECK(program->device_times()->bytes_copied == rows.bytes.size());
  // The same bits as from floats, and as the whole batch gives.
  input.rows = rows.floats;
  input.row_bytes = {};
  input.transforms = {};
  run_now(*program, Phase::forward, input);
  CHECK(std::ranges::equal(program->scores(), scores));
  const auto whole = backend->compile(c.net, state, {.batch = c.batch});
  run_now(*whole, Phase::forward, input);
  CHECK(std::ranges::equal(whole->scores(), scores));
}

TEST_CASE("rows subtract their places of an image, which is copied once", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const auto device = make_fake_device();
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program = backend->compile(c.net, state, {.batch = c.batch});
  const auto whole = backend->compile(c.net, state, {.batch = c.batch});
  for (const float shift : {0.0F, 9.0F}) {  // no pipeline changes its image; a program can
    const RowImage image = image_around(c, shift);
    const ByteRows rows = rows_of_image(c, image);
    StepInput bytes = as_bytes(data, rows);
    bytes.row_image = image;
    run_now(*program, Phase::forward, bytes);
    const int taken = device->counts().allocations;
    run_now(*program, Phase::forward, bytes);
    CHECK(device->counts().allocations == taken);
    StepInput floats = data.input();
    floats.rows = rows.floats;
    run_now(*whole, Phase::forward, floats);
    CHECK(std::ranges::equal(whole->scores(), program->scores()));
  }
}

TEST_CASE("rows that subtract an image need one that is large enough", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  ByteRows rows = byte_rows(c);
  const CaseData data = case_data(c);
  const auto backend = on(make_fake_device());
  NetState state(c.net, kStateSeed);
  const auto program = backend->compile(c.net, state, {.batch = c.batch});
  add_step(rows.transforms[1], {.kind = RowTransform::Kind::subtract_image});
  rows.transforms[1].left = 1;
  StepInput input = as_bytes(data, rows);
  const auto never = [](std::exception_ptr) { FAIL("done was called"); };
  CHECK_THROWS_WITH(program->run(Phase::forward, input, never),
                    Catch::Contains("row 1 subtracts an image, and there is none"));
  const int side = c.net.side;
  input.row_image = {
      .values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(side * side * 3)),
      .extent = {side, side}};
  const std::string size = std::to_string(side) + "x" + std::to_string(side);
  CHECK_THROWS_WITH(
      program->run(Phase::forward, input, never),
      Catch::Contains("row 1 subtracts " + size + " pixels at 1,0 of an image of " + size));
}

TEST_CASE("rows that were uploaded and never trained on are forgotten", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  const CaseData right = case_data(c, 4);
  CaseData data = case_data(c, 3);
  for (const bool settled : {true, false}) {
    CAPTURE(settled);
    NetState state(c.net, kStateSeed);
    const auto device = make_fake_device();
    const auto backend = on(device);
    const auto program = backend->compile(c.net, state, {.batch = c.batch});
    const auto nothing = [](std::exception_ptr) {};
    program->upload(data.input(), nothing);
    program->upload(case_data(c, 9).input(), nothing);
    if (settled) program->settle();
    data = right;  // the same memory, other rows
    if (!settled) program->upload(data.input(), nothing);
    run_now(*program, Phase::forward, data.input());
    const std::vector<float> scores(program->scores().begin(), program->scores().end());
    program->settle();
    const CaseData other = right;
    run_now(*program, Phase::forward, other.input());
    CHECK(std::ranges::equal(program->scores(), scores));
  }
}

TEST_CASE("bytes and what is still to be done to them give the rows in floats", "[cudnn][upload]") {
  const LayerCase c = layer_case("a small net");
  const CaseData data = case_data(c);
  const ByteRows rows = byte_rows(c);
  const auto device = make_fake_device();
  const auto backend = on(device);
  NetState state(c.net, kStateSeed);
  const auto program = backend->compile(c.net, state, {.batch = c.batch});
  REQUIRE(program->takes_bytes());
  const auto memory = program->row_memory()(rows.bytes.size());
  std::ranges::copy(rows.bytes, memory.get());
  StepInput floats = data.input(), bytes = data.input();
  floats.rows = rows.floats;
  bytes.rows = {};
  bytes.row_bytes = {memory.get(), rows.bytes.size()};
  bytes.transforms = rows.transforms;
  run_now(*program, Phase::forward, floats);
  const std::vector<float> expected(program->scores().begin(), program->scores().end());
  run_now(*program, Phase::forward, bytes);
  CHECK(std::ranges::equal(program->scores(), expected));
  const auto copied = program->device_times()->bytes_copied;
  CHECK(copied == rows.bytes.size() * 5);
  StepInput short_bytes = bytes;
  short_bytes.row_bytes = bytes.row_bytes.first(7);
  CHECK_THROWS_WITH(program->run(Phase::forward, short_bytes, [](std::exception_ptr) {}),
                    Catch::Contains("rows of 7 bytes"));
}

}  // namespace sluice::test
