#include "io/pickle.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include "io/text.h"
#include "runtime/error.h"

namespace sluice::io {
namespace {

using Kind = PickleValue::Kind;

constexpr std::string_view kOrderedDict = "collections OrderedDict";

// The machine of pickles: a stack of values, marks in it, and a memo.
class Machine {
 public:
  explicit Machine(const PickleSource& source) : source_(source) {}

  Pickle run() {
    require(source_.bytes.size() <= kMostPickleBytes, "{}: a pickle of {} bytes; valid: at most {}",
            source_.file, source_.bytes.size(), kMostPickleBytes);
    while (!ended_) step(take<std::uint8_t>());
    return {.values = std::move(values_), .root = pop()};
  }

 private:
  // Reading.
  template <class T>
  T take() {
    static_assert(std::is_unsigned_v<T>);
    T value{};
    std::memcpy(&value, take_bytes(sizeof value).data(), sizeof value);
    return value;
  }
  std::span<const std::byte> take_bytes(std::uint64_t count) {
    require(count <= source_.bytes.size() - at_, "{}: the pickle ends at byte {}, inside a value",
            source_.file, source_.bytes.size());
    const auto bytes = source_.bytes.subspan(at_, count);
    at_ += count;
    return bytes;
  }
  std::string take_text(std::uint64_t count) {
    const auto bytes = take_bytes(count);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string take_line() {
    const auto rest = source_.bytes.subspan(at_);
    const auto end = std::find(rest.begin(), rest.end(), std::byte{'\n'});
    require(end != rest.end(), "{}: the pickle ends inside a name", source_.file);
    std::string line = take_text(static_cast<std::uint64_t>(end - rest.begin()));
    ++at_;
    return line;
  }

  // The stack.
  void push(PickleValue value) {
    require(values_.size() < kMostPickleValues, "{}: a pickle of more than {} values, the limit",
            source_.file, kMostPickleValues);
    stack_.push_back(static_cast<std::uint32_t>(values_.size()));
    values_.push_back(std::move(value));
  }
  void push_integer(std::int64_t value) { push({.kind = Kind::integer, .integer = value}); }
  void push_text(std::string text) { push({.kind = Kind::text, .text = std::move(text)}); }
  std::uint32_t pop() {
    require(stack_.size() > floor(), "{}: the pickle is damaged at byte {}: nothing to take",
            source_.file, at_);
    const std::uint32_t top = stack_.back();
    stack_.pop_back();
    return top;
  }
  std::uint32_t top() {
    const std::uint32_t index = pop();
    stack_.push_back(index);
    return index;
  }
  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<std::uint32_t> pop_to_mark() {
    require(!marks_.empty(), "{}: the pickle is damaged at byte {}: no mark", source_.file, at_);
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<std::uint32_t> items(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    marks_.pop_back();
    return items;
  }
  void push_tuple_of(std::size_t count) {
    PickleValue tuple{.kind = Kind::tuple};
    for (std::size_t i = 0; i < count; ++i) tuple.items.push_back(pop());
    std::reverse(tuple.items.begin(), tuple.items.end());
    push(std::move(tuple));
  }
  PickleValue& top_of(Kind kind, std::string_view word) {
    PickleValue& value = values_[top()];
    require(value.kind == kind, "{}: the pickle is damaged at byte {}: no {} to add to",
            source_.file, at_, word);
    return value;
  }
  void add_items(Kind kind, std::string_view word, const std::vector<std::uint32_t>& items) {
    auto& to = top_of(kind, word).items;
    require(kind == Kind::list || items.size() % 2 == 0, "{}: a dictionary's key without a value",
            source_.file);
    to.insert(to.end(), items.begin(), items.end());
  }

  // Names and calls.
  void push_name(std::string name) {
    const bool known = std::ranges::find(source_.names, name) != source_.names.end();
    require(known, "{}: its pickle at byte {} names {}, which is not looked up; valid: {}",
            source_.file, at_, one_line(name), source_.valid);
    push({.kind = Kind::name, .text = std::move(name)});
  }
  void call() {
    const std::uint32_t arguments = pop();
    const std::uint32_t called = pop();
    require(values_[called].kind == Kind::name && values_[arguments].kind == Kind::tuple,
            "{}: its pickle at byte {} calls what is no function; valid: {}", source_.file, at_,
            source_.valid);
    const bool fresh = values_[called].text == kOrderedDict && values_[arguments].items.empty();
    push(fresh ? PickleValue{.kind = Kind::dictionary}
               : PickleValue{.kind = Kind::call, .items = {called, arguments}});
  }
  // LONG1: any number of bytes, two's complement; more than eight do not occur.
  std::int64_t take_long() {
    const auto count = take<std::uint8_t>();
    require(count <= 8, "{}: its pickle has a number of {} bytes; valid: at most 8", source_.file,
            count);
    const auto bytes = take_bytes(count);
    const bool negative = count > 0 && (bytes.back() & std::byte{0x80}) != std::byte{};
    std::uint64_t value = negative ? ~std::uint64_t{} : 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return static_cast<std::int64_t>(value);
  }
  double take_real() {
    auto bits = take<std::uint64_t>();
    std::uint64_t swapped = 0;  // the one number that is big endian
    for (int i = 0; i < 8; ++i, bits >>= 8U) swapped = swapped << 8U | (bits & 0xFFU);
    return std::bit_cast<double>(swapped);
  }

  void memoize(std::uint32_t slot) {
    require(memo_.size() < kMostPickleValues,
            "{}: a pickle that keeps more than {} values, the limit", source_.file,
            kMostPickleValues);
    memo_[slot] = top();
  }
  void mark() {
    require(marks_.size() < kMostPickleValues, "{}: a pickle of more than {} marks, the limit",
            source_.file, kMostPickleValues);
    marks_.push_back(stack_.size());
  }
  void recall(std::uint32_t slot) {
    const auto found = memo_.find(slot);
    require(found != memo_.end(), "{}: the pickle is damaged at byte {}: no value {}", source_.file,
            at_, slot);
    stack_.push_back(found->second);
  }

  void step(std::uint8_t code) {
    if (!(constant(code) || scalar(code) || container(code) || memory(code) || other(code))) {
      fail(ErrorKind::usage,
           "{}: its pickle at byte {} has opcode 0x{:02x}, which is not carried out; valid: {}",
           source_.file, at_ - 1, code, source_.valid);
    }
  }
  bool constant(std::uint8_t code) {
    switch (code) {
      case 'N':
        push({});
        return true;
      case 0x88:
        push({.kind = Kind::boolean, .integer = 1});
        return true;
      case 0x89:
        push({.kind = Kind::boolean, .integer = 0});
        return true;
      case ')':
        push({.kind = Kind::tuple});
        return true;
      case ']':
        push({.kind = Kind::list});
        return true;
      case '}':
        push({.kind = Kind::dictionary});
        return true;
      default:
        return false;
    }
  }
  bool scalar(std::uint8_t code) {
    switch (code) {
      case 'K':
        push_integer(take<std::uint8_t>());
        return true;
      case 'M':
        push_integer(take<std::uint16_t>());
        return true;
      case 'J':
        push_integer(static_cast<std::int32_t>(take<std::uint32_t>()));
        return true;
      case 0x8A:
        push_integer(take_long());
        return true;
      case 'G':
        push({.kind = Kind::real, .real = take_real()});
        return true;
      case 'X':
        push_text(take_text(take<std::uint32_t>()));
        return true;
      case 0x8C:
        push_text(take_text(take<std::uint8_t>()));
        return true;
      case 'U':
        push_text(take_text(take<std::uint8_t>()));
        return true;
      default:
        return false;
    }
  }
  bool container(std::uint8_t code) {
    switch (code) {
      case '(':
        mark();
        return true;
      case 't': {
        auto items = pop_to_mark();
        push({.kind = Kind::tuple, .items = std::move(items)});
        return true;
      }
      case 0x85:
        push_tuple_of(1);
        return true;
      case 0x86:
        push_tuple_of(2);
        return true;
      case 0x87:
        push_tuple_of(3);
        return true;
      case 'a': {
        const std::uint32_t item = pop();
        add_items(Kind::list, "list", {item});
        return true;
      }
      case 'e': {
        const auto items = pop_to_mark();
        add_items(Kind::list, "list", items);
        return true;
      }
      case 's': {
        const std::uint32_t value = pop(), key = pop();
        add_items(Kind::dictionary, "dictionary", {key, value});
        return true;
      }
      case 'u': {
        const auto items = pop_to_mark();
        add_items(Kind::dictionary, "dictionary", items);
        return true;
      }
      default:
        return false;
    }
  }
  bool memory(std::uint8_t code) {
    switch (code) {
      case 'q':
        memoize(take<std::uint8_t>());
        return true;
      case 'r':
        memoize(take<std::uint32_t>());
        return true;
      case 0x94:
        memoize(static_cast<std::uint32_t>(memo_.size()));
        return true;
      case 'h':
        recall(take<std::uint8_t>());
        return true;
      case 'j':
        recall(take<std::uint32_t>());
        return true;
      default:
        return false;
    }
  }
  bool other(std::uint8_t code) {
    switch (code) {
      case 0x80: {
        const auto protocol = take<std::uint8_t>();
        require(protocol >= 2 && protocol <= 5, "{}: a pickle of protocol {}; valid: 2 to 5",
                source_.file, protocol);
        return true;
      }
      case 0x95:
        take<std::uint64_t>();
        return true;  // a frame's length: says nothing new
      case 'c': {
        std::string module = take_line();
        push_name(std::move(module) + ' ' + take_line());
        return true;
      }
      case 0x93: {
        const std::uint32_t name = pop(), module = pop();
        require(values_[name].kind == Kind::text && values_[module].kind == Kind::text,
                "{}: the pickle is damaged at byte {}: a name that is no text", source_.file, at_);
        push_name(values_[module].text + ' ' + values_[name].text);
        return true;
      }
      case 'R':
        call();
        return true;
      case 'b':
        pop();
        return top(), true;  // attributes of an object: none is of use
      case 'Q': {
        const std::uint32_t name = pop();
        push({.kind = Kind::stored, .items = {name}});
        return true;
      }
      case '.':
        ended_ = true;
        return true;
      default:
        return false;
    }
  }

  const PickleSource& source_;
  std::size_t at_ = 0;
  bool ended_ = false;
  std::vector<PickleValue> values_;
  std::vector<std::uint32_t> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, std::uint32_t> memo_;
};

}  // namespace

Pickle read_pickle(const PickleSource& source) { return Machine(source).run(); }

}  // namespace sluice::io
