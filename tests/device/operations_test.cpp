// Each operation of each net on the device against its twin on the host, from the same arrays.
#include "runtime/backend/cudnn/host/host_operations.h"
#include "tests/device/device_trial.h"
#include "tests/device/opened_device.h"
#include "tests/support/catch.h"

namespace sluice::cudnn::test {
namespace {

struct Arithmetic {
  std::string name;
  Precision precision;
  F32Math math;
  double library;  // how far convolutions and products may be apart
  double own;      // and own kernels, whose powers and exponentials are not the host's
};

const std::vector<Arithmetic> kArithmetics{{"f32", Precision::f32, F32Math::exact, 1e-5, 2e-6},
                                           {"tf32", Precision::f32, F32Math::tf32, 2e-3, 2e-6},
                                           {"bf16", Precision::bf16, F32Math::exact, 5e-3, 5e-3}};

bool is_library(const OperationKind& what) {
  const std::string name = operation_name(what);
  return name.starts_with("convolution") || name.starts_with("product");
}

// The largest difference of what an operation writes.
double trial_difference(DeviceTrial& trial, const Operation& operation, F32Math math) {
  trial.run({&operation, 1}, {.launch = Launch::one_by_one, .math = math});
  const auto on_device = trial.fetch_written(operation);
  const Memory host = trial.on_host();
  run_on_host({&operation, 1}, host);
  double largest = 0.0;
  const std::vector<Written> written = written_by(operation);
  for (std::size_t i = 0; i < written.size(); ++i) {
    const double apart =
        difference(written[i], on_device[i], {host.at(written[i].array), written[i].bytes});
    if (!(apart <= largest)) largest = apart;
  }
  return largest;
}

// Every operation of a plan, one after the other.
void check_operations(const std::shared_ptr<Device>& device, const NamedNet& named,
                      const Arithmetic& arithmetic, const PlannedNet& net) {
  DeviceTrial trial(device, net, named.batch);
  std::vector<Operation> operations = net.plan.take_bytes;
  for (Operation& operation : net.whole_step()) operations.push_back(std::move(operation));
  for (const Operation& operation : operations) {
    const std::string what = operation_name(operation.what);
    CAPTURE(named.name, arithmetic.name, operation.layer, what);
    const double allowed = is_library(operation.what) ? arithmetic.library : arithmetic.own;
    CHECK(trial_difference(trial, operation, arithmetic.math) <= allowed);
  }
}

}  // namespace

TEST_CASE("each operation of each net gives on the device what it gives on the host",
          "[device][operations]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  for (const NamedNet& named : narrow_nets()) {
    for (const Arithmetic& arithmetic : kArithmetics) {
      check_operations(device, named, arithmetic, planned(named, arithmetic.precision));
    }
  }
}

TEST_CASE("so do those of an evaluation, and the update by each rule", "[device][operations]") {
  const auto device = device_or_skip();
  if (device == nullptr) return;
  const Arithmetic& f32 = kArithmetics.front();
  for (const NamedNet& named : narrow_nets()) {
    check_operations(device, named, f32, planned(named, {.purpose = Purpose::evaluation}));
  }
  const std::vector<UpdateRule> rules{SgdRule{.l1 = 0.001, .form = SgdRule::Form::paper},
                                      SgdRule{.l1 = 0.001, .form = SgdRule::Form::pytorch},
                                      SgdRule{.l1 = 0.001, .form = SgdRule::Form::nesterov},
                                      DiagonalLmRule{}};
  for (const UpdateRule& rule : rules) {
    const NamedNet named = narrow_nets().front();
    check_operations(device, named, f32,
                     planned(named, {.purpose = Purpose::training, .rule = rule}));
  }
}

}  // namespace sluice::cudnn::test
