#include "io/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"
#include "tests/support/catch.h"

namespace sluice::io {
namespace {

using Catch::Matchers::Contains;

std::string refusal(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    CHECK(std::string(error.what()).find('\n') == std::string::npos);
    return error.what();
  }
  return "nothing was refused";
}

const char* const kChain = R"(
seed = 7
[train]
batch = 16
rate = 1
[[augment]]
node = "rescale"
side = 128
[[augment]]
node = "flip"
name = "second-flip"
use = false
probability = 0.25
)";

TEST_CASE("an amendment holds from its step on and stands in the file", "[io][recipe]") {
  Recipe recipe;
  recipe.load_text(kChain, "chain.toml");
  recipe.amend(100, "train.rate", "0.25");
  recipe.amend(50, "train.schedule", "constant");
  recipe.amend(100, "train.rate", "0.5");  // says it again: the later one counts
  REQUIRE(recipe.amendments.size() == 2);
  CHECK(recipe.amended_before(50).text("train.schedule") == "plateau");
  CHECK(recipe.amended_before(51).text("train.schedule") == "constant");
  CHECK(recipe.amended_before(100).real("train.rate") == 1.0);
  CHECK(recipe.amended_before(101).real("train.rate") == 0.5);
  CHECK(recipe.real("train.rate") == 1.0);

  Recipe again;
  again.load_text(recipe.to_toml(), "again.toml");
  CHECK(again.amendments == recipe.amendments);
  CHECK(again.to_toml() == recipe.to_toml());
}

TEST_CASE("what is neither a rate nor of a schedule cannot be amended", "[io][recipe]") {
  Recipe recipe;
  const std::string said = refusal([&] { recipe.amend(1, "train.batch", "64"); });
  CHECK_THAT(said, Contains("train.batch cannot be amended") && Contains("train.rate"));
  CHECK_THAT(refusal([&] { recipe.amend(1, "train.rate", "-1"); }), Contains("0 to 100"));
  CHECK_THAT(refusal([&] { recipe.amend(1, "train.bath", "1"); }), Contains("train.batch"));
  for (const char* text :
       {"amend = 3", "[[amend]]\nstep = 1", "[[amend]]\nstep = -1\nkey = \"train.rate\"\nvalue = 1",
        "[[amend]]\nstep = 1\nkey = \"seed\"\nvalue = 1",
        "[[amend]]\nstep = 1\nkey = \"train.rate\"\nvalue = \"fast\""}) {
    CAPTURE(text);
    CHECK_THAT(refusal([&] { recipe.load_text(text, "r.toml"); }),
               Contains("amend") || Contains("train.rate"));
  }
}

TEST_CASE("differences of two recipes are said, free keys and amendments aside", "[io][recipe]") {
  Recipe was;
  was.load_text(kChain, "chain.toml");
  Recipe now = was;
  CHECK(recipe_differences(was, now).empty());
  now.set("run.threads", "7");
  now.set("train.epochs", "3");
  now.amend(9, "train.rate", "0.5");
  CHECK(recipe_differences(was, now).empty());
  now.set("train.batch", "32");
  now.set("augment.rescale.side", "64");
  now.set("augment.second-flip.use", "true");
  CHECK(recipe_differences(was, now) ==
        std::vector<std::string>{"train.batch was 16, now 32",
                                 "augment.rescale.side was 128, now 64",
                                 "augment.second-flip.use was false, now true"});
  now.augment.pop_back();
  CHECK_THAT(recipe_differences(was, now).back(),
             Contains("rescale second-flip, now rescale") || Contains("was rescale second-flip"));
}

TEST_CASE("every key's default is itself a valid value", "[io][recipe]") {
  const Recipe recipe;
  for (const RecipeKey& key : recipe_keys()) {
    CAPTURE(key.key);
    Recipe copy;
    CHECK_NOTHROW(copy.set(key.key, key.default_value));
  }
  CHECK(recipe.integer("train.batch") == 128);
  CHECK(recipe.real("train.rate") == 0.01);
}

TEST_CASE("keys and flags are unique", "[io][recipe]") {
  std::vector<std::string> seen;
  const auto add = [&](std::string_view word) {
    if (word.empty()) return;
    CAPTURE(word);
    CHECK(std::find(seen.begin(), seen.end(), word) == seen.end());
    seen.emplace_back(word);
  };
  for (const RecipeKey& key : recipe_keys()) add(key.key), add(key.flag);
  for (const ChainFlag& flag : chain_flags()) add(flag.flag);
}

TEST_CASE("a written recipe reads back as itself", "[io][recipe]") {
  Recipe recipe;
  recipe.load_text(kChain, "test");
  recipe.set("data.path", "a \"quoted\" folder");
  recipe.set("augment.rescale.filter", "bilinear");
  const std::string text = recipe.to_toml();
  Recipe again;
  again.load_text(text, "again");
  CHECK(again.to_toml() == text);
  CHECK(again.integer("seed") == 7);
  CHECK(again.real("train.rate") == 1.0);
  CHECK(again.text("data.path") == "a \"quoted\" folder");
  REQUIRE(again.augment.size() == 2);
  CHECK(again.augment[0].parameters.size() == 2);
  CHECK(again.augment[1].name == "second-flip");
  CHECK_FALSE(again.augment[1].use);
}

TEST_CASE("the text of a chain does not depend on the order in which it was set", "[io][recipe]") {
  Recipe one;
  one.load_text(kChain, "test");
  Recipe other = one;
  one.set("augment.rescale.filter", "bilinear");
  one.set("augment.rescale.aaa", "1");
  other.set("augment.rescale.aaa", "1");
  other.set("augment.rescale.filter", "bilinear");
  CHECK(one.to_toml() == other.to_toml());
}

TEST_CASE("a path that is not UTF-8 goes through a recipe file", "[io][recipe]") {
  const std::string path = "a\xFF\xFE\n\"%41 b";
  Recipe recipe;
  recipe.set("data.path", path);
  const std::string text = recipe.to_toml();
  CHECK_THAT(text, Contains("path = { percent = 'a%FF%FE%0A\"%2541 b' }"));
  Recipe again;
  again.load_text(text, "r.toml");
  CHECK(again.text("data.path") == path);
  CHECK(again.to_toml() == text);
}

TEST_CASE("an empty recipe file changes nothing, a missing one is refused", "[io][recipe]") {
  Recipe recipe;
  recipe.load("/dev/null");
  CHECK(recipe.to_toml() == Recipe().to_toml());
  CHECK_THAT(refusal([&] { recipe.load("/nowhere.toml"); }), Contains("/nowhere.toml"));
  CHECK_THAT(refusal([&] { recipe.load("/tmp"); }), Contains("/tmp: cannot be read"));
}

TEST_CASE("mistakes in a recipe name the place and what is valid", "[io][recipe]") {
  const auto load = [](const char* text) {
    return refusal([&] { Recipe().load_text(text, "r.toml"); });
  };
  CHECK_THAT(load("[train]\nbatc = 3"), Contains("r.toml:2") && Contains("train.batch"));
  CHECK_THAT(load("train = 3"), Contains("unknown recipe key 'train'"));
  CHECK_THAT(load("[train]\nbatch = 'x'"), Contains("train.batch") && Contains("whole number"));
  CHECK_THAT(load("[train]\nbatch = 5000"), Contains("r.toml:2") && Contains("1 to 4096"));
  CHECK_THAT(load("[train]\nrate = nan"), Contains("0 to 100"));
  CHECK_THAT(load("[train]\nbatch = [1]"), Contains("r.toml:2"));
  CHECK_THAT(load("[[augment]]\nside = 1"), Contains("node = "));
  CHECK_THAT(load("[[augment]]\nnode='flip'\n[[augment]]\nnode='flip'"), Contains("own name"));
  CHECK_THAT(load("augment = 1"), Contains("[[augment]]"));
  CHECK_THAT(load("seed = = 1"), Contains("r.toml:1"));
}

TEST_CASE("a hostile recipe is refused before it costs memory or stack", "[io][recipe]") {
  std::string deep = "a";
  for (int i = 0; i < 100'000; ++i) deep += ".a";
  for (const std::string& text :
       {deep + " = 1\n", "[" + deep + "]\n", "a = { " + deep + " = 1 }"}) {
    CHECK_THAT(refusal([&] { Recipe().load_text(text, "r.toml"); }),
               Contains("r.toml: 100000 dots are too many"));
    CHECK_THAT(refusal([&] { chain_from_toml(text, "w"); }), Contains("dots are too many"));
  }
  CHECK_THAT(refusal([] { Recipe().load("/dev/zero"); }),
             Contains("/dev/zero: 1048577 bytes are too many"));
  CHECK_THAT(refusal([] { chain_from_toml("a = " + std::string(100'000, '['), "w"); }),
             Contains("nested"));
}

TEST_CASE("a recipe of many dots is no deeper than the stack", "[io][recipe]") {
  std::string deep = "a";
  for (int i = 0; i < 4096; ++i) deep += ".a";
  CHECK_THAT(refusal([&] { Recipe().load_text(deep + " = 1\n", "r.toml"); }),
             Contains("unknown recipe key 'a.a'"));
}

TEST_CASE("a parameter has a name that a recipe can hold", "[io][recipe]") {
  for (const char* const name : {"\"a b\"", "\"\"", "\"a.b\"", "\"a\\nb\""}) {
    const std::string text = fmt::format("[[augment]]\nnode = 'flip'\n{} = 1\n", name);
    CHECK_THAT(refusal([&] { Recipe().load_text(text, "r.toml"); }),
               Contains("r.toml:3") && Contains("is no parameter's name"));
  }
  Recipe recipe;
  recipe.load_text("[[augment]]\nnode = 'flip'\n", "r.toml");
  for (const char* const name : {"", "a b", "a\nb", "caf\xE9", "node", "name"}) {
    CHECK_THAT(refusal([&] { recipe.set(fmt::format("augment.flip.{}", name), "1"); }),
               Contains("is no parameter's name"));
  }
  CHECK(recipe.augment[0].parameters.empty());
}

TEST_CASE("a node's name is one that tables and terminals can hold", "[io][recipe]") {
  for (const char* const name : {"\"\"", "\"a/b\"", "\"\\u001b[2J\"", "\"a b\""}) {
    const std::string text = fmt::format("[[augment]]\nnode = 'flip'\nname = {}\n", name);
    CHECK_THAT(refusal([&] { Recipe().load_text(text, "r.toml"); }),
               Contains("r.toml:3") && Contains("is no node's name"));
  }
}

TEST_CASE("messages about a recipe stay one line, whatever it holds", "[io][recipe]") {
  CHECK_THAT(refusal([] { Recipe().load_text("\"a\\nb\" = 1", "r.toml"); }), Contains("a\\x0ab"));
  CHECK_THAT(refusal([] { Recipe().set("a\nb", "1"); }), Contains("a\\x0ab"));
  CHECK_THAT(refusal([] { Recipe().set("train.schedule", "a\nb"); }), Contains("a\\x0ab"));
  CHECK_THAT(refusal([] { Recipe().load_text("x = 1", "r\n.toml"); }), Contains("r\\x0a.toml"));
}

TEST_CASE("numbers of bytes are read with and without units", "[io][recipe]") {
  CHECK(parse_bytes("1500000", "x") == 1500000);
  CHECK(parse_bytes("512M", "x") == std::size_t{512} << 20);
  CHECK(parse_bytes("1.5GiB", "x") == std::size_t{3} << 29);
  CHECK(parse_bytes("2GB", "x") == std::size_t{2} << 30);
  for (const char* wrong : {"", "G", "-1", "1Q", "nan", "inf", "1e30"}) {
    CHECK_THAT(refusal([&] { parse_bytes(wrong, "run.memory"); }), Contains("run.memory"));
  }
}

TEST_CASE("any text survives being written and read", "[io][recipe]") {
  for (const std::string text : {"plain", "it's", "two\nlines, ", "\"\"\"", "back\\slash",
                                 "tab\tand \x7F and \x01", "caf\xC3\xA9", "caf\xE9'\n", ""}) {
    CAPTURE(text);
    Recipe recipe;
    recipe.set("data.path", text);
    recipe.augment = {{.node = "flip", .name = "flip", .parameters = {{"words", text}}}};
    Recipe again;
    again.load_text(recipe.to_toml(), "again");
    CHECK(again.text("data.path") == text);
    CHECK(std::get<std::string>(again.augment.front().parameters.front().second) == text);
    CHECK(again.to_toml() == recipe.to_toml());
  }
}

TEST_CASE("all faults of a file are said together, each with its place", "[io][recipe]") {
  const std::string text =
      "[train]\nbatch = 0\nrat = 1\nrate = 'fast'\n"
      "[[amend]]\nstep = 1\nkey = 'train.batch'\nvalue = 3\n"
      "[[augment]]\nnode = 'flip'\nuse = 3\nname = 7\n[[augment]]\nside = 1\n";
  Recipe recipe;
  std::vector<std::string> faults;
  recipe.load_text(text, "r.toml", faults);
  std::sort(faults.begin(), faults.end());
  REQUIRE(faults.size() == 7);
  CHECK_THAT(faults[0], Contains("r.toml:11:") && Contains("use must be"));
  CHECK_THAT(faults[1], Contains("r.toml:12:") && Contains("name must be"));
  CHECK_THAT(faults[2], Contains("r.toml:13:") && Contains("node = \"NAME\""));
  CHECK_THAT(faults[3], Contains("r.toml:2:") && Contains("train.batch = 0"));
  CHECK_THAT(faults[4], Contains("r.toml:3:") && Contains("did you mean 'train.rate'?"));
  CHECK_THAT(faults[5], Contains("r.toml:4:") && Contains("is not a number"));
  CHECK_THAT(faults[6], Contains("r.toml:5:") && Contains("cannot be amended"));
  CHECK_THROWS_AS(recipe.load_text(text, "r.toml"), Faults);
  // What is right was taken, and remembers its place until something else sets it.
  Recipe placed;
  placed.load_text("seed = 3\n[train]\nbatch = 8\n", "r.toml");
  CHECK(placed.place_prefix("train.batch") == "r.toml:3:9: ");
  placed.set("train.batch", "9");
  CHECK(placed.place_prefix("train.batch").empty());
}

}  // namespace
}  // namespace sluice::io
