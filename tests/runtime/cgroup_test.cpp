#include "runtime/cgroup.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/support/catch.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

// Files as the kernel shows them, in a folder that goes away.
struct Tree {
  fs::path path = [] {
    std::string name = (fs::temp_directory_path() / "sluice-cgroup-XXXXXX").string();
    return fs::path(::mkdtemp(name.data()));
  }();
  ~Tree() { fs::remove_all(path); }
  void add(const std::string& name, const std::string& text) const {
    fs::create_directories((path / name).parent_path());
    std::ofstream(path / name) << text;
  }
  CgroupFiles files() const { return {.self = path / "self", .root = path / "root"}; }
};

}  // namespace

TEST_CASE("the tightest limit of all groups around the process counts", "[runtime][cgroup]") {
  const Tree tree;
  tree.add("self", "1:name=systemd:/x\n0::/jobs/one/two\n");
  tree.add("root/jobs/memory.max", "5000000\n");
  tree.add("root/jobs/one/memory.max", "max\n");
  tree.add("root/jobs/one/two/memory.max", "7000000\n");
  tree.add("root/jobs/one/cpu.max", "150000 100000\n");
  tree.add("root/jobs/one/two/cpu.max", "max 100000\n");
  CHECK(cgroup_memory_bytes(tree.files()) == 5'000'000);
  CHECK(cgroup_cpus(tree.files()) == 1.5);
}

TEST_CASE("in a container the own group is the root", "[runtime][cgroup]") {
  const Tree tree;
  tree.add("self", "0::/\n");
  tree.add("root/memory.max", "1000\n");
  CHECK(cgroup_memory_bytes(tree.files()) == 1000);
  tree.add("self", "0::/../../elsewhere\n");
  CHECK(cgroup_memory_bytes(tree.files()) == 1000);
}

TEST_CASE("without control groups there is no limit", "[runtime][cgroup]") {
  const Tree tree;
  CHECK(cgroup_memory_bytes(tree.files()) == std::numeric_limits<std::size_t>::max());
  CHECK(std::isinf(cgroup_cpus(tree.files())));
}

}  // namespace sluice
