// How fast a run would be: what one image costs, and what there is to pay with.
//
// A `Model` is a plain value. A question ("four threads?", "without flip?") is an edit of a copy;
// `limits` then says how many images a second each resource lets through. README.md has the
// reasons in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/account/costs.h"
#include "graph/account/facts.h"

namespace sluice::graph {

struct Model {
  ImageCosts costs;
  int threads = 1;
  double cores = 1.0;        // that the machine grants
  double competitors = 0.0;  // threads of others that want a core all the time
  // Part of thread time that is lost while threads limit (a batch's last image, an epoch's end, the
  // step's serial parts), for each further thread.
  double loss_per_thread = 0.0;
  double fit = 1.0;        // measured over modelled, where threads limit
  double lane_fit = 0.98;  // the same where a device or a serial node does
  // Images a second at most, where that was what limited: of bytes or slots in flight.
  std::optional<double> in_flight_cap{};
  std::string in_flight_resource{};  // "memory", "slots", "slow images"
  // Where the net's own serial parts limited a step on the CPU: seconds an image on one thread.
  std::optional<double> step_alone{};
  double step_serial_part = 0.0;  // of them, 0 to 1
};

// What one resource lets through.
struct Limit {
  std::string resource;  // as Verdict::resource
  std::string node;
  double images_per_second = 0.0;
};

// The tightest first; at least the threads'.
std::vector<Limit> limits(const Model& model);

// Images a second that the threads can do, when nothing else limits: each computes `cpu` seconds an
// image, on one of `cores` that it shares with `competitors`, and stands still for `waits` seconds.
struct ThreadWork {
  double cpu = 0.0;
  double waits = 0.0;
  int threads = 1;
  double cores = 1.0;
  double competitors = 0.0;
};
double thread_rate(const ThreadWork& work);

// As if no thread stood still in `node`: nor would its caches be lost meanwhile.
Model without_waits(Model model, const std::string& node);

// How many threads of others took so much that `wanted` threads got `got` cores of `cores`.
double competitors_behind(double wanted, double got, double cores);

}  // namespace sluice::graph
