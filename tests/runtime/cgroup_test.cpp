#include "runtime/cgroup.h"

#include <cmath>
#include <limits>

#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

namespace sluice {
namespace {

using io::test::TempFolder;

// Files as the kernel shows them.
CgroupFiles files_in(const TempFolder& tree) {
  return {.self = tree / "self", .root = tree / "root"};
}

}  // namespace

TEST_CASE("the tightest limit of all groups around the process counts", "[runtime][cgroup]") {
  const TempFolder tree;
  tree.add("self", "1:name=systemd:/x\n0::/jobs/one/two\n");
  tree.add("root/jobs/memory.max", "5000000\n");
  tree.add("root/jobs/one/memory.max", "max\n");
  tree.add("root/jobs/one/two/memory.max", "7000000\n");
  tree.add("root/jobs/one/cpu.max", "150000 100000\n");
  tree.add("root/jobs/one/two/cpu.max", "max 100000\n");
  CHECK(cgroup_memory_bytes(files_in(tree)) == 5'000'000);
  CHECK(cgroup_cpus(files_in(tree)) == 1.5);
}

TEST_CASE("in a container the own group is the root", "[runtime][cgroup]") {
  const TempFolder tree;
  tree.add("self", "0::/\n");
  tree.add("root/memory.max", "1000\n");
  CHECK(cgroup_memory_bytes(files_in(tree)) == 1000);
  tree.add("self", "0::/../../elsewhere\n");
  CHECK(cgroup_memory_bytes(files_in(tree)) == 1000);
}

TEST_CASE("without control groups there is no limit", "[runtime][cgroup]") {
  const TempFolder tree;
  CHECK(cgroup_memory_bytes(files_in(tree)) == std::numeric_limits<std::size_t>::max());
  CHECK(std::isinf(cgroup_cpus(files_in(tree))));
}

}  // namespace sluice
