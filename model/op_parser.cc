// An error names the offending word, and what it was probably meant to be where that is cheap to
// find.
#include "model/op_parser.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "model/strings.h"

namespace recount::internal {

std::string MeantText(std::string_view nearest) {
  return nearest.empty() ? "" : Cat({" (did you mean ", nearest, "?)"});
}

namespace {

std::vector<std::string_view> ErrnoNames() {
  std::vector<std::string_view> names;
  for (const Errno error : AllErrnos()) names.push_back(ErrnoName(error));
  return names;
}

}  // namespace

ModuleId OpParser::TakeModule() {
  const Word word = Take("a module");
  if (const auto module = world_.FindModule(word.text)) return *module;
  std::vector<std::string_view> names;
  for (const Module& module : world_.modules()) names.push_back(module.name);
  Fail(word.column,
       Cat({"unknown module ", Quote(word.text), MeantText(Nearest(word.text, names))}));
  return {};
}

SlotId OpParser::TakeSlot() {
  const Word word = Take("a slot (@0, @1, ...)");
  const auto last = static_cast<std::uint32_t>(world_.slot_count() - 1);
  if (word.text.starts_with('@')) {
    if (const auto number = ParseNumber(word.text.substr(1), 0, last)) {
      return static_cast<SlotId>(*number);
    }
  }
  Fail(word.column,
       Cat({"bad slot ", Quote(word.text), ": the world has @0 to @", std::to_string(last)}));
  return {};
}

OpsId OpParser::TakeOps() {
  const Word word = Take("an ops (o0 to o7)");
  if (word.text.starts_with('o')) {
    if (const auto number = ParseNumber(word.text.substr(1), 0, kOpsCount - 1)) {
      return static_cast<OpsId>(*number);
    }
  }
  Fail(word.column, Cat({"bad ops ", Quote(word.text), ": there are o0 to o7"}));
  return {};
}

Place OpParser::TakePlace(bool with_offset) {
  const Word word = Take("a function");
  Place place;
  const std::size_t plus = word.text.find('+');
  const std::string_view name = word.text.substr(0, plus);
  if (name == "reset" || name == "remove" || name == "-") {
    Fail(word.column, Cat({"unexpected ", Quote(name), ", a function is asked for"}));
    return place;
  }
  const absl::StatusOr<FunctionId> function = world_.FindFunction(name);
  if (!function.ok()) {
    std::string meant;
    if (error_.ok() && absl::IsNotFound(function.status())) {
      const std::size_t colon = name.find(':');
      std::vector<std::string_view> names;
      for (const Function& known : world_.functions()) names.push_back(known.name);
      meant = MeantText(Nearest(colon == name.npos ? name : name.substr(colon + 1), names));
    }
    Fail(word.column, Cat({std::string(function.status().message()), meant}));
    return place;
  }
  place.function = *function;
  if (plus == std::string_view::npos) return place;
  const auto offset = ParseNumber(word.text.substr(plus + 1), 1,
                                  static_cast<std::uint32_t>(World::kFunctionStride) - 1);
  if (!with_offset || !offset.has_value()) {
    Fail(word.column + plus,
         Cat({"bad offset ", Quote(word.text.substr(plus)),
              with_offset ? ": +1 to +15 is asked for" : ": only the function is asked for"}));
    return place;
  }
  place.offset = static_cast<std::uint8_t>(*offset);
  return place;
}

Errno OpParser::ErrnoAt(std::string_view name, std::size_t column) {
  if (const auto error = ErrnoFromName(name)) return *error;
  Fail(column, Cat({"unknown errno ", Quote(name), MeantText(Nearest(name, ErrnoNames()))}));
  return Errno::kOk;
}

std::optional<StageFailure> OpParser::TakeStageFailure() {
  constexpr std::string_view kPrefix = "fail=";
  if (!more()) return std::nullopt;
  if (!words_[next_].text.starts_with(kPrefix)) return std::nullopt;  // too many words
  const Word word = words_[next_++];
  const std::string_view rest = word.text.substr(kPrefix.size());
  const std::size_t column = word.column + kPrefix.size();
  const std::size_t colon = rest.find(':');
  const std::string_view name = rest.substr(0, colon);
  const std::optional<Stage> stage = StageFromName(name);
  if (!stage.has_value() || !CanFail(*stage)) {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kStageCount; ++i) {
      if (CanFail(static_cast<Stage>(i))) names.push_back(StageName(static_cast<Stage>(i)));
    }
    Fail(column, stage.has_value()
                     ? Cat({"stage ", Quote(name), " cannot fail"})
                     : Cat({"unknown stage ", Quote(name), MeantText(Nearest(name, names))}));
    return std::nullopt;
  }
  StageFailure failure{.stage = *stage};
  if (colon != rest.npos) failure.error = ErrnoAt(rest.substr(colon + 1), column + colon + 1);
  return failure;
}

std::optional<Errno> OpParser::TakeFailure() {
  constexpr std::string_view kPrefix = "fail=";
  if (TakeKeyword("fail")) return Errno::kOk;
  if (!more() || !words_[next_].text.starts_with(kPrefix)) return std::nullopt;
  const Word word = words_[next_++];
  return ErrnoAt(word.text.substr(kPrefix.size()), word.column + kPrefix.size());
}

Op OpParser::ParseSetFilter(Which which) {
  SetFilter op{.which = which, .ops = TakeOps()};
  op.reset = TakeKeyword("reset");
  const Word word = Take("a pattern (or '-' for none)");
  if (word.text == "-") return op;
  absl::StatusOr<Pattern> pattern = Pattern::FromText(word.text);
  if (pattern.ok()) {
    op.pattern = *pattern;
  } else {
    Fail(word.column,
         Cat({"bad pattern ", Quote(word.text), ": ", std::string(pattern.status().message())}));
  }
  return op;
}

Op OpParser::ParseSetFilterIp(Which which) {
  SetFilterIp op{.which = which, .ops = TakeOps()};
  op.remove = TakeKeyword("remove");
  op.reset = TakeKeyword("reset");
  op.places[0] = TakePlace(true);
  while (more() && op.count < SetFilterIp::kMaxPlaces) op.places[op.count++] = TakePlace(true);
  return op;
}

Op OpParser::ParseSetOps() {
  SetOps op{.ops = TakeOps()};
  if (TakeKeyword("tracer")) {
    op.user = User::kTracer;
  } else if (!TakeKeyword("kernel")) {
    const Word word = Take("'kernel' or 'tracer'");
    Fail(word.column, Cat({"bad user ", Quote(word.text), ": 'kernel' or 'tracer' is asked for"}));
  }
  op.save_regs = TakeKeyword("save_regs");
  op.ipmodify = TakeKeyword("ipmodify");
  op.permanent = TakeKeyword("permanent");
  if (more()) {
    Fail(words_[next_].column, Cat({"unexpected ", Quote(words_[next_].text),
                                    ": flags are save_regs ipmodify permanent, in this order"}));
  }
  return op;
}

Op OpParser::ParseFault() {
  Fault op;
  const Word word = Take("a fault point");
  if (const auto point = FaultPointFromName(word.text)) {
    op.point = *point;
  } else {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < kFaultPointCount; ++i) {
      names.push_back(FaultPointName(static_cast<FaultPoint>(i)));
    }
    Fail(word.column,
         Cat({"unknown fault point ", Quote(word.text), MeantText(Nearest(word.text, names))}));
  }
  const Word count = Take("a count (1 to 9999)");
  if (const auto nth = ParseNumber(count.text, 1, 9999)) {
    op.nth = static_cast<std::uint16_t>(*nth);
  } else {
    Fail(count.column, Cat({"bad count ", Quote(count.text), ": 1 to 9999 is asked for"}));
  }
  if (more() && TakesErrno(op.point)) {
    const Word error = Take("an errno");
    op.error = ErrnoAt(error.text, error.column);
  }
  return op;
}

bool OpParser::TakeSwitch() {
  const Word value = Take("0 or 1");
  if (value.text != "0" && value.text != "1") {
    Fail(value.column, Cat({"bad value ", Quote(value.text), ": 0 or 1 is asked for"}));
  }
  return value.text == "1";
}

Op OpParser::Parse() {
  const Word word = Take("an operation");
  const std::string_view name = word.text;
  Op op;
  if (name == "load") {
    const ModuleId module = TakeModule();
    const SlotId slot = TakeSlot();
    op = Load{module, slot, TakeStageFailure()};
  } else if (name == "load_begin") {
    const ModuleId module = TakeModule();
    const SlotId slot = TakeSlot();
    op = LoadBegin{module, slot, TakeFailure()};
  } else if (name == "load_step") {
    const ModuleId module = TakeModule();
    op = LoadStep{module, TakeFailure()};
  } else if (name == "unload") {
    op = Unload{TakeModule()};
  } else if (name == "free_init") {
    op = FreeInit{};
  } else if (name == "filter") {
    op = ParseSetFilter(Which::kFilter);
  } else if (name == "notrace") {
    op = ParseSetFilter(Which::kNotrace);
  } else if (name == "filter_ip") {
    op = ParseSetFilterIp(Which::kFilter);
  } else if (name == "notrace_ip") {
    op = ParseSetFilterIp(Which::kNotrace);
  } else if (name == "share") {
    const OpsId ops = TakeOps();
    op = Share{ops, TakeOps()};
  } else if (name == "ops") {
    op = ParseSetOps();
  } else if (name == "register") {
    op = Register{TakeOps()};
  } else if (name == "unregister") {
    op = Unregister{TakeOps()};
  } else if (name == "ftrace_enabled") {
    op = FtraceEnabled{TakeSwitch()};
  } else if (name == "hit") {
    op = Hit{TakePlace(false).function};
  } else if (name == "locate") {
    op = Locate{TakePlace(true)};
  } else if (name == "fault") {
    op = ParseFault();
  } else if (name == "notifier") {
    op = ParseAddNotifier();
  } else if (name == "unnotifier") {
    op = RemoveNotifier{TakeNotifier()};
  } else if (name == "script") {
    op = ParseSetScript();
  } else if (name == "notify") {
    op = ParseNotify(false);
  } else if (name == "notify_reverse") {
    op = ParseNotify(true);
  } else if (name == "notify_robust") {
    op = ParseNotifyRobust();
  } else if (name == "patch") {
    op = ParseSetPatch();
  } else if (name == "enable") {
    op = EnablePatch{TakePatch()};
  } else if (name == "disable") {
    op = DisablePatch{TakePatch()};
  } else if (name == "kprobe") {
    op = ParseAddKprobe();
  } else if (name == "unkprobe") {
    op = RemoveKprobe{TakeKprobe()};
  } else if (name == "enable_kprobe") {
    op = EnableKprobe{TakeKprobe()};
  } else if (name == "disable_kprobe") {
    op = DisableKprobe{TakeKprobe()};
  } else if (name == "kprobes_armed") {
    op = KprobesArmed{TakeSwitch()};
  } else if (name == "boot") {
    op = Boot{};
  } else if (name == "optimize") {
    op = Optimize{};
  } else {
    static constexpr auto kNames = std::to_array<std::string_view>(
        {"load",          "load_begin",     "load_step",     "unload",         "free_init",
         "filter",        "notrace",        "filter_ip",     "notrace_ip",     "share",
         "ops",           "register",       "unregister",    "ftrace_enabled", "hit",
         "locate",        "fault",          "notifier",      "unnotifier",     "script",
         "notify",        "notify_reverse", "notify_robust", "patch",          "enable",
         "disable",       "kprobe",         "unkprobe",      "enable_kprobe",  "disable_kprobe",
         "kprobes_armed", "boot",           "optimize"});
    if (name == "world" || name == "profile") {
      Fail(word.column, Cat({Quote(name), " a second time: the header stands once, at the top"}));
    }
    Fail(word.column, Cat({"unknown operation ", Quote(name), MeantText(Nearest(name, kNames))}));
  }
  if (more()) {
    Fail(words_[next_].column, Cat({"unexpected ", Quote(words_[next_].text), " behind ",
                                    Quote(name), " and its operands"}));
  }
  return op;
}

}  // namespace recount::internal
