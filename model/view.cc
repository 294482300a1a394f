// A View as text. Address to name goes through the View's own records; what no record covers prints
// as a number.
#include "model/view.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "model/strings.h"

namespace recount {
namespace {

using internal::Cat;

std::string HexText(Address address) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(address));
  return text;
}

class Printer {
 public:
  Printer(const World& world, const View& view) : world_(world), view_(view) {
    for (const RecordView& record : view.records) names_.emplace_back(record.ip, record.function);
    std::sort(names_.begin(), names_.end());
  }

  std::string Text() {
    const Globals& globals = view_.globals;
    text_ += globals.dead ? "ftrace dead" : globals.enabled ? "ftrace on" : "ftrace off";
    if (globals.phase != Phase::kRunning) text_ += Cat({", boot at ", PhaseName(globals.phase)});
    if (globals.core_init_freed) text_ += ", core init text gone";
    const Ledger& ledger = view_.ledger;
    text_ +=
        Cat({"\nledger records ", std::to_string(ledger.records), " groups ",
             std::to_string(ledger.groups), " pages ", std::to_string(ledger.pages), " entries ",
             std::to_string(ledger.hash_entries), " cached ", std::to_string(ledger.cached), "\n"});
    for (const GroupView& group : view_.groups) {
      text_ += Cat({"group ", ImageText(group.owner), " order ", std::to_string(group.order),
                    " used ", std::to_string(group.used), "\n"});
    }
    for (std::size_t i = 0; i < view_.modules.size(); ++i) AddModule(i);
    if (!view_.order.empty()) {
      text_ += "order";
      for (const OpsId ops : view_.order) text_ += Cat({" ", OpsText(ops)});
      text_ += "\n";
    }
    for (std::size_t i = 0; i < view_.ops.size(); ++i) AddOps(i);
    AddNotifiers();
    AddLivepatch();
    AddKprobes();
    for (const RecordView& record : view_.records) AddRecord(record);
    return std::move(text_);
  }

 private:
  // Ids come from a subject, which may be wrong: any value must print.
  std::string ImageText(ModuleId id) const {
    if (id != kCore && Index(id) >= world_.modules().size()) {
      return Cat({"module ", std::to_string(Index(id))});
    }
    return std::string(world_.ImageName(id));
  }
  std::string FunctionText(FunctionId id) const {
    if (Index(id) >= world_.functions().size())
      return Cat({"function ", std::to_string(Index(id))});
    return world_.FunctionText(id);
  }
  std::string AddressText(Address ip) const {
    const auto it = std::lower_bound(names_.begin(), names_.end(), std::pair(ip, FunctionId{}));
    return it != names_.end() && it->first == ip ? FunctionText(it->second) : HexText(ip);
  }

  void AddModule(std::size_t i) {
    const ModuleView& module = view_.modules[i];
    if (module == ModuleView{}) return;
    text_ +=
        Cat({"module ", ImageText(static_cast<ModuleId>(i)), " ", ModuleStateText(module.state)});
    if (module.slot != kNoSlot) text_ += Cat({" @", std::to_string(Index(module.slot))});
    if (module.next != Stage::kLayout) text_ += Cat({" next ", StageName(module.next)});
    // As a rule it follows from the stage.
    const bool past_coming = module.state != ModuleState::kAbsent &&
                             (module.next == Stage::kLayout || module.next > Stage::kComing);
    if (module.klp_alive != past_coming) text_ += module.klp_alive ? " klp_alive" : " no klp_alive";
    text_ += "\n";
  }

  void AddHash(std::string_view name, const HashView& hash) {
    if (hash.empty()) return;
    text_ += Cat({" ", name, " {"});
    for (const Address ip : hash.ips) {
      text_ += Cat({text_.back() == '{' ? "" : " ", AddressText(ip)});
    }
    text_ += "}";
    if (hash.cleared != 0) text_ += Cat({" cleared ", std::to_string(hash.cleared)});
    if (hash.mod) text_ += " mod";
  }

  void AddCached(std::string_view name, const std::vector<CachedFilter>& cached) {
    for (const CachedFilter& item : cached) {
      text_ += Cat({" ", name, " ", item.function.text(), ":mod:", item.module.text()});
    }
  }

  void AddOps(std::size_t i) {
    const OpsView& ops = view_.ops[i];
    OpsView idle;
    idle.pair = static_cast<OpsId>(i);
    if (ops == idle) return;
    text_ += OpsText(static_cast<OpsId>(i));
    text_ += ops.user == User::kKernel ? " kernel" : " tracer";
    if (ops.save_regs) text_ += " save_regs";
    if (ops.ipmodify) text_ += " ipmodify";
    if (ops.permanent) text_ += " permanent";
    if (ops.registered) text_ += " registered";
    if (ops.pair != idle.pair) text_ += Cat({" shares ", OpsText(ops.pair)});
    AddHash("filter", ops.filter);
    AddHash("notrace", ops.notrace);
    AddCached("cached_filter", ops.cached_filter);
    AddCached("cached_notrace", ops.cached_notrace);
    text_ += "\n";
  }

  void AddNotifiers() {
    const NotifiersView& notifiers = view_.notifiers;
    for (std::size_t i = 0; i < kChainCount; ++i) {
      const ChainView& chain = notifiers.chains[i];
      if (chain.count == 0) continue;
      text_ += Cat({"chain ", ChainName(static_cast<Chain>(i))});
      for (std::size_t j = 0; j < std::min<std::size_t>(chain.count, kNotifierCount); ++j) {
        const std::size_t id = Index(chain.order[j]);
        text_ += Cat({" n", std::to_string(id)});
        if (id < kNotifierCount) text_ += Cat({"(", std::to_string(notifiers.priority[id]), ")"});
      }
      text_ += "\n";
    }
    for (std::size_t i = 0; i < kNotifierCount; ++i) {
      if (notifiers.held[i] == 0) continue;
      text_ += Cat({"n", std::to_string(i), " holds ", std::to_string(notifiers.held[i]), "\n"});
    }
    if (notifiers.bad_frees != 0) {
      text_ += Cat({"bad frees ", std::to_string(notifiers.bad_frees), "\n"});
    }
  }

  void AddLivepatch() {
    const LivepatchView& livepatch = view_.livepatch;
    for (std::size_t i = 0; i < kPatchCount; ++i) AddPatch(i, livepatch.patches[i]);
    if (livepatch.enabled_count > 1) {
      text_ += "patches";
      for (std::size_t i = 0; i < std::min<std::size_t>(livepatch.enabled_count, kPatchCount);
           ++i) {
        text_ += Cat({" p", std::to_string(Index(livepatch.order[i]))});
      }
      text_ += "\n";
    }
    for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) {
      const LivepatchOpsView& ops = livepatch.ops[i];
      if (ops == LivepatchOpsView{}) continue;
      text_ += Cat({"l", std::to_string(i), " ", AddressText(ops.ip)});
      if (!ops.registered) text_ += " not registered";
      for (std::size_t j = 0; j < std::min<std::size_t>(ops.depth, kPatchCount); ++j) {
        text_ += Cat({" p", std::to_string(Index(ops.stack[j]))});
      }
      text_ += "\n";
    }
  }

  void AddKprobes() {
    const KprobesView& kprobes = view_.kprobes;
    if (kprobes.all_disarmed) text_ += "kprobes disarmed\n";
    if (kprobes.early_slots != 0) {
      text_ += Cat({"early slots ", std::to_string(kprobes.early_slots), "\n"});
    }
    for (std::size_t i = 0; i < kKprobeCount; ++i) {
      const KprobeView& probe = kprobes.probes[i];
      if (probe == KprobeView{}) continue;
      text_ += Cat({"k", std::to_string(i), " ", AddressText(probe.address),
                    probe.registered ? "" : " not registered", probe.post ? " post" : "",
                    probe.gone ? " gone" : "", probe.disabled ? " disabled" : "", "\n"});
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(kprobes.entry_count, kKprobeCount); ++i) {
      AddKprobeEntry(kprobes.entries[i]);
    }
    for (std::size_t i = 0; i < std::min<std::size_t>(kprobes.unused_count, kKprobeCount); ++i) {
      text_ += Cat({"unused ", AddressText(kprobes.unused[i]), "\n"});
    }
    for (std::size_t i = 0; i < kprobes.ops.size(); ++i) {
      const KprobeOpsView& ops = kprobes.ops[i];
      if (ops == KprobeOpsView{}) continue;
      text_ += Cat({i == 0 ? "kp" : "kpi", ops.registered ? " registered" : ""});
      for (const Address ip : ops.filter) text_ += Cat({" ", AddressText(ip)});
      text_ += "\n";
    }
  }

  void AddKprobeEntry(const KprobeEntryView& entry) {
    text_ +=
        Cat({"probed ", AddressText(entry.address), entry.aggregate ? " aggregate" : "",
             entry.on_ftrace ? " ftrace" : "", entry.post ? " post" : "", entry.gone ? " gone" : "",
             entry.disabled ? " disabled" : "", entry.early ? " early" : "",
             entry.suspended ? " suspended" : "", entry.jump == JumpState::kNone ? "" : " jump ",
             entry.jump == JumpState::kNone ? "" : JumpText(entry.jump), ":"});
    for (std::size_t i = 0; i < std::min<std::size_t>(entry.count, kKprobeCount); ++i) {
      text_ += Cat({" k", std::to_string(Index(entry.probes[i]))});
    }
    text_ += "\n";
  }

  void AddPatch(std::size_t i, const PatchView& patch) {
    if (patch == PatchView{}) return;
    text_ += Cat(
        {"p", std::to_string(i), patch.replace ? " replace" : "", patch.enabled ? " enabled" : ""});
    for (std::size_t j = 0; j < std::min<std::size_t>(patch.count, patch.functions.size()); ++j) {
      text_ += Cat({" ", FunctionText(patch.functions[j]),
                    (patch.patched >> j & 1) != 0 ? "(patched)"
                    : (patch.bound >> j & 1) != 0 ? "(bound)"
                                                  : ""});
    }
    text_ += "\n";
  }

  // Weak records are DISABLED for ever: that is idle for them.
  void AddRecord(const RecordView& record) {
    const bool weak = Index(record.function) < world_.functions().size() &&
                      world_.function(record.function).kind == FunctionKind::kWeak;
    if (record.count == 0 && record.flags == (weak ? kDisabled : 0) && record.site == Site{}) {
      return;
    }
    text_ += Cat({FunctionText(record.function), " ", HexText(record.ip), " count ",
                  std::to_string(record.count), " ", FlagsText(record.flags), " ",
                  SiteText(record.site), "\n"});
  }

  const World& world_;
  const View& view_;
  std::vector<std::pair<Address, FunctionId>> names_;
  std::string text_;
};

}  // namespace

std::string ViewText(const World& world, const View& view) { return Printer(world, view).Text(); }

std::string_view ModuleStateText(ModuleState state) {
  switch (state) {
    case ModuleState::kAbsent:
      return "absent";
    case ModuleState::kUnformed:
      return "unformed";
    case ModuleState::kComing:
      return "coming";
    case ModuleState::kLive:
      return "live";
  }
  return "?";
}

std::string FlagsText(std::uint8_t flags) {
  constexpr std::string_view kLetters = "DRTIErt";
  std::string text(kLetters);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((flags >> i & 1) == 0) text[i] = '-';
  }
  return text;
}

std::string OpsText(OpsId id) {
  const std::size_t index = Index(id);
  if (id == kKprobeOps) return "kp";
  if (id == kKprobeIpmodifyOps) return "kpi";
  return index < kOpsCount ? Cat({"o", std::to_string(index)})
                           : Cat({"l", std::to_string(index - kOpsCount)});
}

std::string_view JumpText(JumpState jump) {
  switch (jump) {
    case JumpState::kNone:
      return "none";
    case JumpState::kQueued:
      return "queued";
    case JumpState::kInstalled:
      return "installed";
    case JumpState::kLeaving:
      return "leaving";
  }
  return "?";
}

std::string SiteText(const Site& site) {
  switch (site.kind) {
    case SiteKind::kNop:
      return "nop";
    case SiteKind::kPlainEntry:
      return "call";
    case SiteKind::kRegsEntry:
      return "call regs";
    case SiteKind::kTrampoline:
      return Cat({"call ", OpsText(site.owner)});
    case SiteKind::kMcount:
      return "mcount";
    case SiteKind::kJump:
      return "jump";
  }
  return "?";
}

}  // namespace recount
