// What cuDNN plans for an H200, which need not be here: cuDNN plans for a device that is described
// to it.
#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "runtime/backend/cudnn/cuda/convolution.h"
#include "runtime/backend/cudnn/cuda/libraries.h"
#include "runtime/backend/cudnn/cuda/operation_key.h"
#include "runtime/error.h"
#include "tests/device/net_plans.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

// In cuDNN's JSON of a device's properties; the names of its members are those that cuDNN's own
// messages ask for. Numbers from NVIDIA's tables of compute capability 9.0 and of the H200 SXM.
constexpr const char* kH200 = R"({"deviceName":"NVIDIA H200","cudaDeviceId":0,"deviceVer":900,
"driverVer":13000,"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],
"regsPerBlock":65536,"multiProcessorCount":132,"warpSize":32,"maxSharedMemoryPerBlock":49152,
"maxSharedMemoryPerBlockOptin":232448,"reservedSharedMemoryPerBlock":1024,
"maxRegistersPerSM":65536,"maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,
"pciDeviceId":0,"isTccDriver":0,"supportCoopLaunch":1,"smClockRateKHz":1980000,
"memClockRateKHz":3201000,"l2CacheSize":62914560,"totalGlobalMem":150754820096})";

constexpr std::size_t kMemory = 150754820096;

struct Arithmetic {
  Precision precision;
  F32Math math;
};

const std::vector<Arithmetic> kArithmetics{{Precision::f32, F32Math::exact},
                                           {Precision::f32, F32Math::tf32},
                                           {Precision::bf16, F32Math::exact}};

// Null, after saying so, where cuDNN is not installed.
std::unique_ptr<cuda::Convolutions> planner_or_skip() {
  const cuda::OpenedLibraries opened = cuda::open_libraries();
  if (!opened.libraries) {
    WARN("skipped: " << opened.reason);
    return nullptr;
  }
  return cuda::make_convolutions({.architecture = 90, .properties_json = kH200});
}

// Convolutions of a net's step, each once, by what choices go by.
std::map<std::string, cuda::Convolution> convolutions(const PlannedNet& net, F32Math math) {
  std::map<std::string, cuda::Convolution> found;
  for (const Operation& operation : net.whole_step()) {
    std::visit(
        [&]<class What>(const What& what) {
          if constexpr (std::is_constructible_v<cuda::Convolution, What>) {
            found.try_emplace(cuda::operation_key(cuda::Convolution(what), math), what);
          }
        },
        operation.what);
  }
  return found;
}

// Empty, or why there is no plan.
std::string failure_of(cuda::Convolutions& planner, const cuda::Convolution& what, F32Math math) {
  try {
    const auto candidates = planner.prepare(
        what, Memory{}, {.math = math, .most_workspace = kMemory / 4, .most_candidates = 1});
    std::printf("  %s, %.1f MiB\n", candidates->preference(0).name.c_str(),
                static_cast<double>(candidates->workspace(0)) / 1048576.0);
    return {};
  } catch (const Error& error) {
    return error.what();
  }
}

// Of how many different convolutions plans were asked for.
std::size_t check_plans(const std::vector<NamedNet>& nets) {
  const auto planner = planner_or_skip();
  if (planner == nullptr) return 0;
  std::set<std::string> done;
  for (const Arithmetic& arithmetic : kArithmetics) {
    for (const NamedNet& named : nets) {
      const PlannedNet net = planned(named, arithmetic.precision);
      for (const auto& [key, what] : convolutions(net, arithmetic.math)) {
        if (!done.insert(key).second) continue;
        std::printf("%s: %s\n", named.name.c_str(), key.c_str());
        CAPTURE(named.name, key);
        CHECK(failure_of(*planner, what, arithmetic.math) == "");
      }
    }
  }
  return done.size();
}

}  // namespace

TEST_CASE("cuDNN has a plan on an H200 for every convolution of every net", "[device][plans]") {
  const std::size_t asked = check_plans(published_nets());
  CHECK((asked == 0 || asked > 300));
}

TEST_CASE("plans that want more workspace than there is are passed over", "[device][plans]") {
  const auto planner = planner_or_skip();
  if (planner == nullptr) return;
  const std::vector<NamedNet> nets = published_nets();
  const auto vgg = std::ranges::find(nets, "vgg D", &NamedNet::name);
  REQUIRE(vgg != nets.end());
  int wanting = 0;
  const cuda::PrepareOptions ample{.most_workspace = kMemory / 4, .most_candidates = 1};
  const cuda::PrepareOptions none{.most_workspace = 0, .most_candidates = 1};
  for (const auto& [key, what] : convolutions(planned(*vgg, Precision::f32), F32Math::exact)) {
    CAPTURE(key);
    const auto favourite = planner->prepare(what, Memory{}, ample);
    const auto without = planner->prepare(what, Memory{}, none);
    CHECK(without->workspace(0) == 0);
    if (favourite->workspace(0) == 0) continue;
    ++wanting;
    CHECK_FALSE(without->preference(0) == favourite->preference(0));
  }
  CHECK(wanting > 0);
  // Biases in bf16 stand in the workspace.
  int refused = 0;
  for (const auto& [key, what] : convolutions(planned(*vgg, Precision::bf16), F32Math::exact)) {
    if (!std::holds_alternative<ConvolutionForward>(what)) continue;
    CAPTURE(key);
    CHECK_THROWS_WITH(
        planner->prepare(what, Memory{}, none),
        Catch::Contains("cuDNN has no plan in 0 bytes of workspace: values in another "
                        "precision alone take "));
    ++refused;
  }
  CHECK(refused > 5);
}

TEST_CASE("so it has for nets of few and odd channels, which tests on a device take",
          "[device][plans]") {
  const std::size_t asked = check_plans(narrow_nets());
  CHECK((asked == 0 || asked > 300));
}

}  // namespace sluice::cudnn::test
