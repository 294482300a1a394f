// The operations of op_chain.h, op_livepatch.h and op_kprobe.h in text form.
#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "model/op_parser.h"
#include "model/strings.h"

namespace recount::internal {
namespace {

// A C int in decimal, as std::to_string() writes it.
std::optional<std::int32_t> ParseInt(std::string_view text) {
  std::int32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || std::to_string(value) != text) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

NotifierId OpParser::TakeNotifier() {
  const Word word = Take("a notifier (n0 to n7)");
  if (word.text.starts_with('n')) {
    if (const auto number = ParseNumber(word.text.substr(1), 0, kNotifierCount - 1)) {
      return static_cast<NotifierId>(*number);
    }
  }
  Fail(word.column, Cat({"bad notifier ", Quote(word.text), ": there are n0 to n7"}));
  return {};
}

Chain OpParser::TakeChain(bool module_too) {
  const std::string_view names = module_too ? "module, raw, blocking, atomic, srcu or tryfix"
                                            : "raw, blocking, atomic or srcu";
  const Word word = Take(Cat({"a chain (", names, ")"}));
  const std::optional<Chain> chain = ChainFromName(word.text);
  if (chain.has_value() && (module_too || IsFree(*chain))) return *chain;
  Fail(word.column, Cat({"bad chain ", Quote(word.text), ": ", names, " is asked for"}));
  return Chain::kRaw;
}

Event OpParser::TakeEvent() {
  const Word word = Take("an event");
  if (const auto event = EventFromName(word.text)) return *event;
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kEventCount; ++i) names.push_back(EventName(static_cast<Event>(i)));
  Fail(word.column,
       Cat({"unknown event ", Quote(word.text), MeantText(Nearest(word.text, names))}));
  return Event::kLive;
}

PatchId OpParser::TakePatch() {
  const Word word = Take("a patch (p0 to p3)");
  if (word.text.starts_with('p')) {
    if (const auto number = ParseNumber(word.text.substr(1), 0, kPatchCount - 1)) {
      return static_cast<PatchId>(*number);
    }
  }
  Fail(word.column, Cat({"bad patch ", Quote(word.text), ": there are p0 to p3"}));
  return {};
}

Op OpParser::ParseAddNotifier() {
  AddNotifier op{.notifier = TakeNotifier()};
  op.chain = TakeChain(true);
  const Word word = Take("a priority");
  if (const auto priority = ParseInt(word.text)) {
    op.priority = *priority;
  } else {
    Fail(word.column, Cat({"bad priority ", Quote(word.text),
                           ": a number from -2147483648 to 2147483647 is asked for"}));
  }
  op.unique = TakeKeyword("unique");
  return op;
}

Op OpParser::ParseSetScript() {
  SetScript op{.notifier = TakeNotifier()};
  op.event = TakeEvent();
  const Word word = Take("an answer");
  if (const auto answer = AnswerFromText(word.text)) {
    op.answer = *answer;
  } else {
    Fail(word.column, Cat({"bad answer ", Quote(word.text),
                           ": done, ok, stop, bad, -ERRNO or 0x0 to 0xffff is asked for"}));
  }
  if (TakeKeyword("alloc")) {
    op.act = Act::kAlloc;
  } else if (TakeKeyword("free")) {
    op.act = Act::kFree;
  } else if (TakeKeyword("unregister")) {
    op.act = Act::kUnregister;
    op.other = TakeNotifier();
  }
  return op;
}

Op OpParser::ParseNotify(bool reverse) {
  Notify op{.chain = TakeChain(false), .event = TakeEvent(), .reverse = reverse};
  if (!more()) return op;
  const Word word = Take("a limit");
  if (const auto limit = ParseNumber(word.text, 0, 99)) {
    op.limit = static_cast<std::uint8_t>(*limit);
  } else {
    Fail(word.column, Cat({"bad limit ", Quote(word.text), ": 0 to 99 is asked for"}));
  }
  return op;
}

Op OpParser::ParseNotifyRobust() {
  NotifyRobust op{.chain = TakeChain(false)};
  op.up = TakeEvent();
  op.down = TakeEvent();
  return op;
}

Op OpParser::ParseSetPatch() {
  SetPatch op{.patch = TakePatch(), .replace = TakeKeyword("replace"), .count = 0};
  do {
    const std::size_t column = more() ? words_[next_].column : end_column_;
    const FunctionId function = TakePlace(false).function;
    const auto* const end = op.functions.data() + op.count;
    if (error_.ok() && std::find(std::as_const(op).functions.data(), end, function) != end) {
      Fail(column, Cat({"function ", Quote(world_.FunctionText(function)), " a second time"}));
    }
    op.functions[op.count++] = function;
  } while (more() && op.count < SetPatch::kMaxFunctions);
  return op;
}

KprobeId OpParser::TakeKprobe() {
  const Word word = Take("a kprobe (k0 to k3)");
  if (word.text.starts_with('k')) {
    if (const auto number = ParseNumber(word.text.substr(1), 0, kKprobeCount - 1)) {
      return static_cast<KprobeId>(*number);
    }
  }
  Fail(word.column, Cat({"bad kprobe ", Quote(word.text), ": there are k0 to k3"}));
  return {};
}

Op OpParser::ParseAddKprobe() {
  AddKprobe op{.kprobe = TakeKprobe()};
  op.place = TakePlace(true);
  op.post = TakeKeyword("post");
  op.disabled = TakeKeyword("disabled");
  return op;
}

}  // namespace recount::internal
