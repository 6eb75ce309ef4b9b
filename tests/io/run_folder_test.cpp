#include "io/run_folder.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "io/nodes_json.h"
#include "tests/io/full_disk.h"
#include "tests/io/temp_folder.h"
#include "tests/support/catch.h"

using namespace sluice;
using namespace sluice::io;
using Catch::Contains;
using test::TempFolder;
using test::text_of;
using test::thrown;

TEST_CASE("a run folder holds its tables from the start, line by line", "[io][run]") {
  const TempFolder folder;
  RunFolder run(folder / "deep/er/run");
  CHECK(run.path() == folder / "deep/er/run");
  CHECK(text_of(run.file("steps.csv")) ==
        "step,epoch,images,loss,learning_rate,images_per_second\n");
  CHECK(text_of(run.file("epochs.csv")) ==
        "epoch,train_loss,val_top1,val_top5,val_per_class,seconds\n");
  CHECK(text_of(run.file("bad_files.tsv")) == "path\tbyte_offset\tmessage\n");

  run.add_step({.step = 1,
                .epoch = 1,
                .images = 128,
                .loss = 6.90775528,
                .learning_rate = 0.01,
                .images_per_second = 100.5});
  run.add_step({.step = 2,
                .epoch = 1,
                .images = 256,
                .loss = std::numeric_limits<double>::quiet_NaN(),
                .learning_rate = 1e-5,
                .images_per_second = 0});
  CHECK_THAT(text_of(run.file("steps.csv")),
             Catch::EndsWith("\n1,1,128,6.90775528,0.01,100.5\n2,1,256,nan,1e-05,0\n"));
  run.add_epoch({.epoch = 1,
                 .train_loss = 2.5,
                 .val_top1 = 0.5,
                 .val_top5 = 1.0,
                 .val_per_class = 0.25,
                 .seconds = 61.23456});
  run.add_epoch({.epoch = 2,
                 .train_loss = 2.5,
                 .val_top1 = {},
                 .val_top5 = {},
                 .val_per_class = {},
                 .seconds = 1});
  CHECK_THAT(text_of(run.file("epochs.csv")),
             Catch::EndsWith("\n1,2.5,0.5,1,0.25,61.235\n2,2.5,,,,1.000\n"));
  run.add_bad_file("a/b.jpg", {"truncated", 123});
  run.add_bad_file("tab\tnew\nline", {"cannot\topen", -1});
  CHECK_THAT(text_of(run.file("bad_files.tsv")),
             Catch::EndsWith("\na/b.jpg\t123\ttruncated\ntab\\tnew\\nline\t-1\tcannot\\topen\n"));
}

TEST_CASE("links in a run folder lead no writer out of it", "[io][run]") {
  const TempFolder folder;
  folder.add("run/read.me", "");
  const auto precious = folder.add("precious", "keep me");
  std::filesystem::create_symlink(precious, folder / "run/steps.csv");
  CHECK_THAT(thrown([&] { RunFolder run(folder / "run"); }),
             Contains("2: ") && Contains("steps.csv"));
  CHECK(text_of(precious) == "keep me");
  std::filesystem::remove(folder / "run/steps.csv");
  RunFolder run(folder / "run");
  std::filesystem::create_symlink(precious, folder / "run/recipe.toml");
  run.write_recipe("seed = 1\n");  // takes the link's place
  CHECK(text_of(precious) == "keep me");
  CHECK(text_of(folder / "run/recipe.toml") == "seed = 1\n");
}

TEST_CASE("a folder that holds a run is refused", "[io][run]") {
  const TempFolder folder;
  {
    RunFolder run(folder / "run");
    run.write_recipe("seed = 1\n");
    run.add_bad_file("x", {"y", 1});
  }
  CHECK(text_of(folder / "run/recipe.toml") == "seed = 1\n");
  CHECK(thrown([&] { RunFolder run(folder / "run"); }) ==
        "2: " + (folder / "run").string() +
            " already holds a run; go on with it by --resume, or give another --out");
  CHECK_THAT(text_of(folder / "run/bad_files.tsv"), Contains("x\t1\ty"));
}

TEST_CASE("a folder that another run is using is refused until that run is over", "[io][run]") {
  const TempFolder folder;
  {
    const RunFolder first(folder / "run");
    CHECK(thrown([&] { RunFolder second(folder / "run"); }) ==
          "2: " + (folder / "run").string() + " is in use by another run; give another --out");
  }
  CHECK_NOTHROW(RunFolder(folder / "run"));
}

TEST_CASE("a run folder that cannot be written is a usage error", "[io][run]") {
  const TempFolder folder;
  folder.add("file", "x");
  CHECK_THAT(thrown([&] { RunFolder run(folder / "file"); }),
             Contains("2: cannot make the run folder") && Contains("give another --out"));
  CHECK_THAT(thrown([&] { RunFolder run(folder / "file/run"); }), Contains("Not a directory"));
  CHECK_THAT(thrown([&] { RunFolder run("/proc/sluice/run"); }),
             Contains("2: cannot make the run folder /proc/sluice/run"));

  std::filesystem::create_directory(folder / "full");
  std::filesystem::create_directory(folder / "full/epochs.csv");
  CHECK_THAT(
      thrown([&] { RunFolder run(folder / "full"); }),
      Contains("2: cannot write") && Contains("epochs.csv: Is a directory; give another --out"));
}

TEST_CASE("a disk that fills up while running fails the run and names the file", "[io][run]") {
  const TempFolder folder;
  RunFolder run(folder / "run");
  run.add_bad_file("first", {"message", 1});
  std::string message;
  {
    const test::FullDisk full(std::filesystem::file_size(run.file("bad_files.tsv")));
    message = thrown([&] { run.add_bad_file("second", {"message", 1}); });
  }
  CHECK(message == "1: cannot write " + run.file("bad_files.tsv").string() + ": File too large");
}

TEST_CASE("lines of many threads stay whole", "[io][run]") {
  const TempFolder folder;
  RunFolder run(folder / "run");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&run] {
        for (int i = 0; i < 200; ++i) run.add_bad_file("path", {"message", 7});
      });
    }
  }
  std::string expected = "path\tbyte_offset\tmessage\n";
  for (int i = 0; i < 800; ++i) expected += "path\t7\tmessage\n";
  CHECK(text_of(folder / "run/bad_files.tsv") == expected);
}

TEST_CASE("nodes.json holds what was measured", "[io][run]") {
  const TempFolder folder;
  AccountRecord account;
  account.wall_seconds = 2.0;
  account.threads = 4;
  account.cpu_seconds_process = 8.0;
  account.overheads = {{"scheduler", 6.65}};
  account.process.minor_faults = 12;
  account.verdict = {.limiting_node = "decode",
                     .resource = "threads",
                     .text = "2 threads compute for 97 % of the time",
                     .headroom_percent = 5.0};
  account.nodes.push_back({.name = "decode",
                           .place = "cpu",
                           .unit = "image",
                           .items_in = 10,
                           .items_out = 8,
                           .items_failed = 1,
                           .items_held = 1,
                           .run_seconds = 2.0,
                           .busy_seconds = 1.5,
                           .cpu_seconds = 1.25,
                           .starved_seconds = 0.5,
                           .p99_ms = 3.0,
                           .bytes_held_max = 77});
  write_nodes_json(folder / "nodes.json", account,
                   {.versions = {{"sluice", "0.1.0"}}, .cpu = "a \xFF processor"});
  const auto json = nlohmann::json::parse(text_of(folder / "nodes.json"));
  CHECK(json.at("versions").at("sluice") == "0.1.0");
  CHECK(json.at("cpu") == "a %FF processor");
  CHECK(json.at("wall_seconds") == 2.0);
  CHECK(json.at("threads") == 4);
  const auto& node = json.at("nodes").at(0);
  CHECK(node.at("name") == "decode");
  CHECK(node.at("place") == "cpu");
  CHECK(node.at("unit") == "image");
  CHECK(node.at("items_in") == 10);
  CHECK(node.at("items_out") == 8);
  CHECK(node.at("items_failed") == 1);
  CHECK(node.at("items_held") == 1);
  CHECK(node.at("busy_seconds") == 1.5);
  CHECK(node.at("cpu_seconds") == 1.25);
  CHECK(node.at("items_per_second") == 4.0);
  CHECK(node.at("starved_seconds") == 0.5);
  CHECK(node.at("blocked_seconds") == 0.0);
  CHECK(node.at("p99_ms") == 3.0);
  CHECK(node.at("bytes_held_max") == 77);
  CHECK(json.at("account").at("cpu_seconds_process") == 8.0);
  CHECK(json.at("account").at("cpu_seconds_attributed").get<double>() == Approx(7.9));
  CHECK(json.at("account").at("cpu_seconds_overheads").at("scheduler") == 6.65);
  CHECK(json.at("process").at("minor_faults") == 12);
  CHECK(json.at("verdict").at("limiting_node") == "decode");
  CHECK(json.at("verdict").at("headroom_percent") == 5.0);
  CHECK(json.at("verdict").at("text") == "2 threads compute for 97 % of the time");
  CHECK(json.at("account").at("gap_percent").get<double>() == Approx(1.25));
}
