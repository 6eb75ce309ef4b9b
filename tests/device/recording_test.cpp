// Lists of operations as one graph and one by one, and the choices made for them.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/device/device_trial.h"
#include "tests/device/opened_device.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

// What all blocks hold after a whole step from the same start.
auto blocks_after(const std::shared_ptr<Device>& device, const NamedNet& named, Precision precision,
                  const RecordOptions& options) {
  const PlannedNet net = planned(named, precision);
  DeviceTrial trial(device, net, named.batch);
  trial.run(net.whole_step(), options);
  trial.fetch();
  return trial.blocks();
}

// A file of its own that goes with the case.
struct TuningFile {
  std::string path =
      (std::filesystem::temp_directory_path() / ("sluice-tuning-" + std::to_string(std::rand())))
          .string();
  ~TuningFile() { std::remove(path.c_str()); }
};

}  // namespace

TEST_CASE("a captured step gives the bits of one that is launched one by one, twice the same",
          "[device][recording]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const TuningFile tuning;
  for (const NamedNet& named : narrow_nets()) {
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
      CAPTURE(named.name, precision_name(precision));
      const RecordOptions graph{.launch = Launch::graph, .tuning_file = tuning.path};
      const RecordOptions each{.launch = Launch::one_by_one, .tuning_file = tuning.path};
      const auto captured = blocks_after(device, named, precision, graph);
      CHECK(captured == blocks_after(device, named, precision, each));
      CHECK(captured == blocks_after(device, named, precision, graph));
    }
  }
}

TEST_CASE("choices name an implementation of every operation and come back from the file",
          "[device][recording]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const TuningFile tuning;
  const NamedNet named = narrow_nets().at(1);
  const PlannedNet net = planned(named, Precision::f32);
  DeviceTrial trial(device, net, named.batch);
  const std::vector<Operation> step = net.whole_step();
  const auto names = [&] {
    std::vector<std::string> found;
    const auto recording = device->record(step, trial.on_device(), {.tuning_file = tuning.path});
    for (const Choice& choice : device->choices(*recording)) found.push_back(choice.implementation);
    return found;
  };
  const std::vector<std::string> first = names();
  CHECK(first.size() == step.size());
  CHECK(std::set(first.begin(), first.end()).count("") == 0);
  CHECK(std::filesystem::file_size(tuning.path) > 2);
  CHECK(names() == first);
}

}  // namespace sluice::cudnn::test
