// Convolution by a table of connections (LeNet-5's C3): stride 1, no padding, one kernel a
// connection.
#pragma once

#include "runtime/backend/cudnn/elements/fold.h"
#include "runtime/backend/cudnn/elements/plane_index.h"
#include "runtime/backend/cudnn/elements/values.h"

namespace sluice::cudnn::elements {

// One line of the table, as it stands in memory.
struct Connection {
  std::int32_t to;    // output map
  std::int32_t from;  // input map
};

struct PartialGeometry {
  PlaneIndex in;
  PlaneIndex out;
  int kernel;
  int connections;
  const Connection* table;

  template <class What>
  PartialGeometry(const What& what, const Memory& memory)
      : in(what.in),
        out(what.out),
        kernel(what.kernel),
        connections(what.connections),
        table(read_from<Connection>(memory, what.table)) {}

  SLUICE_HD std::int64_t weight(int connection, int y, int x) const {
    return (std::int64_t{connection} * kernel + y) * kernel + x;
  }
};

template <class T>
struct PartialOutput {
  PartialGeometry geometry;
  Values<T> source;
  AnyValues weights;
  AnyValues biases;
  Target result;

  SLUICE_HD float sum_of(int connection, const Place& at) const {
    const PartialGeometry& g = geometry;
    float sum = 0.0F;
    for (int y = 0; y < g.kernel; ++y) {
      for (int x = 0; x < g.kernel; ++x) {
        const Place seen{at.row, at.y + y, at.x + x, g.table[connection].from};
        sum += source[g.in.at(seen)] * weights[g.weight(connection, y, x)];
      }
    }
    return sum;
  }
  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = geometry.out.place(i);
    float sum = biases[at.channel];
    for (int c = 0; c < geometry.connections; ++c) {
      if (geometry.table[c].to == at.channel) sum += sum_of(c, at);
    }
    result.store(i, sum);
  }
};

template <class T>
struct PartialInputGradient {
  PartialGeometry geometry;
  Values<T> out_gradient;
  AnyValues weights;
  Target in_gradient;

  SLUICE_HD float sum_of(int connection, const Place& at) const {
    const PartialGeometry& g = geometry;
    const Plane& plane = g.out.plane();
    float sum = 0.0F;
    for (int y = 0; y < g.kernel; ++y) {
      for (int x = 0; x < g.kernel; ++x) {
        const Place o{at.row, at.y - y, at.x - x, g.table[connection].to};
        if (o.y < 0 || o.x < 0 || o.y >= plane.height || o.x >= plane.width) continue;
        sum += out_gradient[g.out.at(o)] * weights[g.weight(connection, y, x)];
      }
    }
    return sum;
  }
  SLUICE_HD void operator()(std::int64_t i) const {
    const Place at = geometry.in.place(i);
    float sum = 0.0F;
    for (int c = 0; c < geometry.connections; ++c) {
      if (geometry.table[c].from == at.channel) sum += sum_of(c, at);
    }
    in_gradient.store(i, sum);
  }
};

// Result i is weight i's; lanes share the outputs of all rows.
template <class T>
struct PartialWeightGradient {
  using Part = float;

  PartialGeometry geometry;
  Values<T> source;
  AnyValues out_gradient;
  Target gradient;

  SLUICE_HD Part part(std::int64_t weight, int lane) const {
    const PartialGeometry& g = geometry;
    const Plane& plane = g.out.plane();
    const auto in_kernel = static_cast<int>(weight % (g.kernel * g.kernel));
    const Connection connection = g.table[weight / (g.kernel * g.kernel)];
    const std::int64_t pixels = std::int64_t{plane.rows} * plane.height * plane.width;
    float sum = 0.0F;
    for (std::int64_t pixel = lane; pixel < pixels; pixel += kLanes) {
      const std::int64_t o = pixel * plane.channels + connection.to;
      Place seen = g.out.place(o);
      seen.y += in_kernel / g.kernel;
      seen.x += in_kernel % g.kernel;
      seen.channel = connection.from;
      sum += out_gradient[o] * source[g.in.at(seen)];
    }
    return sum;
  }
  SLUICE_HD static Part join(Part a, Part b) { return a + b; }
  SLUICE_HD void finish(std::int64_t weight, int lane, Part whole) const {
    if (lane == 0) gradient.store(weight, whole);
  }
};

template <class Executor>
void run(const PartialConvolutionForward& what, const Memory& memory, Executor& executor) {
  with_element(what.source.element, [&]<class T>(T) {
    executor.for_each(
        what.out.values(),
        PartialOutput<T>{PartialGeometry(what, memory), Values<T>(memory.at(what.source)),
                         AnyValues(memory, what.weights), AnyValues(memory, what.biases),
                         Target(memory, what.result)});
  });
}

template <class Executor>
void run(const PartialConvolutionBackwardData& what, const Memory& memory, Executor& executor) {
  with_element(what.out_gradient.element, [&]<class T>(T) {
    executor.for_each(what.in.values(),
                      PartialInputGradient<T>{
                          PartialGeometry(what, memory), Values<T>(memory.at(what.out_gradient)),
                          AnyValues(memory, what.weights), Target(memory, what.in_gradient)});
  });
}

template <class Executor>
void run(const PartialConvolutionBackwardWeights& what, const Memory& memory, Executor& executor) {
  with_element(what.source.element, [&]<class T>(T) {
    executor.fold_each(
        std::int64_t{what.connections} * what.kernel * what.kernel,
        PartialWeightGradient<T>{PartialGeometry(what, memory), Values<T>(memory.at(what.source)),
                                 AnyValues(memory, what.out_gradient),
                                 Target(memory, what.weights_gradient)});
  });
}

}  // namespace sluice::cudnn::elements
