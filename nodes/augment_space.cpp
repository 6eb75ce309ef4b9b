#include "nodes/augment_space.h"

#include <cmath>
#include <numbers>
#include <string>
#include <utility>

namespace sluice::nodes {
namespace {

using Parameters = std::vector<std::pair<std::string, io::RecipeValue>>;

class Operations {
 public:
  Operations(const AugmentSpace& space, int strength, const AugmentLook& look)
      : space_(space), look_(look), strength_(strength) {
    share_ = static_cast<double>(strength) / (kStrengths - 1);
  }

  std::vector<io::ChainEntry> all() && {
    for (const double sign : {1.0, -1.0}) {
      add("identity", "identity", {});
      warp("shear-x", "shear", "x", "y", sign * slant());
      warp("shear-y", "shear", "y", "x", sign * slant());
      shift("translate-x", "x", "y", sign * space_.translate * share_);
      shift("translate-y", "y", "x", sign * space_.translate * share_);
      add("rotate", "rotate", with_look(between("degrees", sign * space_.rotate * share_)));
      for (const char* node : {"brightness", "saturation", "contrast", "sharpness"})
        add(node, node, between("factor", 1.0 + sign * space_.colour * share_));
      add("posterize", "posterize", {{"bits", bits()}, {"bits_to", bits()}});
      add("solarize", "solarize", between("threshold", 255.0 * (1.0 - share_)));
      add("autocontrast", "autocontrast", {});
      add("equalize", "equalize", {});
    }
    return std::move(entries_);
  }

 private:
  double slant() const { return std::atan(space_.shear * share_) * 180.0 / std::numbers::pi; }
  // 8 - (strength / (30 / bits)).round(), halves to even as NumPy and PyTorch round.
  std::int64_t bits() const {
    return 8 - static_cast<std::int64_t>(std::nearbyint(strength_ / (30.0 / space_.bits)));
  }

  static Parameters between(const std::string& name, double value) {
    return {{name, value}, {name + "_to", value}};
  }
  Parameters with_look(Parameters parameters) const {
    parameters.emplace_back("sampling", look_.sampling);
    parameters.emplace_back("fill", look_.fill);
    return parameters;
  }
  static Parameters along(const std::string& axis, const std::string& other, double value) {
    Parameters parameters = between(axis, value);
    for (auto& zero : between(other, 0.0)) parameters.push_back(std::move(zero));
    return parameters;
  }
  void warp(const std::string& name, const std::string& node, const std::string& axis,
            const std::string& other, double value) {
    add(name, node, with_look(along(axis, other, value)));
  }
  void shift(const std::string& name, const std::string& axis, const std::string& other,
             double value) {
    Parameters parameters = along(axis, other, value);
    parameters.emplace_back("fill", look_.fill);
    add(name, "translate", std::move(parameters));
  }
  void add(const std::string& name, const std::string& node, Parameters parameters) {
    entries_.push_back(
        {.node = node, .name = name, .use = true, .parameters = std::move(parameters)});
  }

  AugmentSpace space_;
  AugmentLook look_;
  int strength_;
  double share_ = 0;
  std::vector<io::ChainEntry> entries_;
};

}  // namespace

std::vector<io::ChainEntry> augment_space(const AugmentSpace& space, int strength,
                                          const AugmentLook& look) {
  return Operations(space, strength, look).all();
}

}  // namespace sluice::nodes
