// Program -> text. What the parser takes in several spellings has one here.
#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

using internal::Cat;

std::string OpsArgument(OpsId ops) { return Cat({" o", std::to_string(Index(ops))}); }
std::string NotifierArgument(NotifierId id) { return Cat({" n", std::to_string(Index(id))}); }
std::string PatchArgument(PatchId id) { return Cat({" p", std::to_string(Index(id))}); }
std::string KprobeArgument(KprobeId id) { return Cat({" k", std::to_string(Index(id))}); }

std::string PlaceText(const World& world, const Place& place) {
  std::string text = world.FunctionText(place.function);
  if (place.offset != 0) text += Cat({"+", std::to_string(place.offset)});
  return text;
}

std::string FailText(const std::optional<Errno>& failure) {
  if (!failure.has_value()) return "";
  if (*failure == Errno::kOk) return " fail";
  return Cat({" fail=", ErrnoName(*failure)});
}

// The operands, each with a blank in front of it.
struct OperandPrinter {
  const World& world;

  std::string ModuleText(ModuleId module) const { return Cat({" ", world.module(module).name}); }
  std::string SlotText(SlotId slot) const { return Cat({" @", std::to_string(Index(slot))}); }

  std::string operator()(const Load& op) const {
    std::string text = ModuleText(op.module) + SlotText(op.slot);
    if (op.failure.has_value()) {
      text += Cat({" fail=", StageName(op.failure->stage)});
      if (op.failure->error != Errno::kOk) text += Cat({":", ErrnoName(op.failure->error)});
    }
    return text;
  }
  std::string operator()(const LoadBegin& op) const {
    return ModuleText(op.module) + SlotText(op.slot) + FailText(op.failure);
  }
  std::string operator()(const LoadStep& op) const {
    return ModuleText(op.module) + FailText(op.failure);
  }
  std::string operator()(const Unload& op) const { return ModuleText(op.module); }
  std::string operator()(const FreeInit&) const { return ""; }
  std::string operator()(const SetFilter& op) const {
    return Cat({OpsArgument(op.ops), op.reset ? " reset " : " ",
                op.pattern.null() ? std::string_view("-") : op.pattern.text()});
  }
  std::string operator()(const SetFilterIp& op) const {
    std::string text = OpsArgument(op.ops);
    if (op.remove) text += " remove";
    if (op.reset) text += " reset";
    for (std::size_t i = 0; i < op.count; ++i) text += Cat({" ", PlaceText(world, op.places[i])});
    return text;
  }
  std::string operator()(const Share& op) const {
    return OpsArgument(op.ops) + OpsArgument(op.with);
  }
  std::string operator()(const SetOps& op) const {
    std::string text = OpsArgument(op.ops);
    text += op.user == User::kKernel ? " kernel" : " tracer";
    if (op.save_regs) text += " save_regs";
    if (op.ipmodify) text += " ipmodify";
    if (op.permanent) text += " permanent";
    return text;
  }
  std::string operator()(const Register& op) const { return OpsArgument(op.ops); }
  std::string operator()(const Unregister& op) const { return OpsArgument(op.ops); }
  std::string operator()(const FtraceEnabled& op) const { return op.on ? " 1" : " 0"; }
  std::string operator()(const Hit& op) const {
    return Cat({" ", world.FunctionText(op.function)});
  }
  std::string operator()(const Locate& op) const { return Cat({" ", PlaceText(world, op.place)}); }
  std::string operator()(const Fault& op) const {
    std::string text = Cat({" ", FaultPointName(op.point), " ", std::to_string(op.nth)});
    if (op.error != Errno::kOk) text += Cat({" ", ErrnoName(op.error)});
    return text;
  }
  std::string operator()(const AddNotifier& op) const {
    return Cat({NotifierArgument(op.notifier), " ", ChainName(op.chain), " ",
                std::to_string(op.priority), op.unique ? " unique" : ""});
  }
  std::string operator()(const RemoveNotifier& op) const { return NotifierArgument(op.notifier); }
  std::string operator()(const SetScript& op) const {
    std::string text =
        Cat({NotifierArgument(op.notifier), " ", EventName(op.event), " ", AnswerText(op.answer)});
    switch (op.act) {
      case Act::kNone:
        break;
      case Act::kAlloc:
        text += " alloc";
        break;
      case Act::kFree:
        text += " free";
        break;
      case Act::kUnregister:
        text += Cat({" unregister", NotifierArgument(op.other)});
        break;
    }
    return text;
  }
  std::string operator()(const Notify& op) const {
    std::string text = Cat({" ", ChainName(op.chain), " ", EventName(op.event)});
    if (op.limit != Notify::kAll) text += Cat({" ", std::to_string(op.limit)});
    return text;
  }
  std::string operator()(const NotifyRobust& op) const {
    return Cat({" ", ChainName(op.chain), " ", EventName(op.up), " ", EventName(op.down)});
  }
  std::string operator()(const SetPatch& op) const {
    std::string text = PatchArgument(op.patch);
    if (op.replace) text += " replace";
    for (std::size_t i = 0; i < op.count; ++i) {
      text += Cat({" ", world.FunctionText(op.functions[i])});
    }
    return text;
  }
  std::string operator()(const EnablePatch& op) const { return PatchArgument(op.patch); }
  std::string operator()(const DisablePatch& op) const { return PatchArgument(op.patch); }
  std::string operator()(const AddKprobe& op) const {
    return Cat({KprobeArgument(op.kprobe), " ", PlaceText(world, op.place), op.post ? " post" : "",
                op.disabled ? " disabled" : ""});
  }
  std::string operator()(const RemoveKprobe& op) const { return KprobeArgument(op.kprobe); }
  std::string operator()(const EnableKprobe& op) const { return KprobeArgument(op.kprobe); }
  std::string operator()(const DisableKprobe& op) const { return KprobeArgument(op.kprobe); }
  std::string operator()(const KprobesArmed& op) const { return op.on ? " 1" : " 0"; }
  std::string operator()(const Boot&) const { return ""; }
  std::string operator()(const Optimize&) const { return ""; }
};

// Notes and margins may be set by a program; what would not survive a line of text becomes blank.
std::string OneLine(std::string_view text) {
  std::string line(text);
  for (char& c : line) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f') c = ' ';
  }
  line.erase(line.find_last_not_of(" \t") + 1);
  return line;
}

}  // namespace

std::string PrintOp(const World& world, const Op& op) {
  return Cat({OpName(op), std::visit(OperandPrinter{world}, op)});
}

std::string PrintProgram(const Program& program) {
  std::string text;
  for (const std::string& note : program.notes) {
    const std::string line = OneLine(note);
    text += Cat({line.empty() ? "#" : "# ", line, "\n"});
  }
  text += Cat({"world ", program.world->name(), "\nprofile ", program.profile->name, "\n",
               program.from_boot ? "from boot\n" : ""});

  std::vector<std::string> lines;
  lines.reserve(program.ops.size());
  std::size_t width = 0;
  const auto has_margin = [&program](std::size_t i) {
    return i < program.margin.size() && !OneLine(program.margin[i]).empty();
  };
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    lines.push_back(PrintOp(*program.world, program.ops[i]));
    if (has_margin(i)) width = std::max(width, lines.back().size());
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (has_margin(i)) {
      lines[i].resize(width, ' ');
      lines[i] += Cat({"  -> ", OneLine(program.margin[i])});
    }
    text += lines[i] + "\n";
  }
  return text;
}

}  // namespace recount
