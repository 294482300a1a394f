// Slow and wordy on purpose: this runs once, after `expected == actual` said no. Each field of
// outcome.h and view.h has its line here; compare_test.cc changes one field at a time.
#include "harness/compare.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "model/check.h"

namespace recount {
namespace {

std::string Text(bool value) { return value ? "1" : "0"; }
std::string Text(std::uint64_t value) { return absl::StrCat(value); }
std::string Text(OpsId id) { return OpsText(id); }
std::string Text(std::int32_t value) { return absl::StrCat(value); }
std::string Text(std::span<const OpsId> list) {
  if (list.empty()) return "nobody";
  return absl::StrJoin(list, " ",
                       [](std::string* out, OpsId id) { absl::StrAppend(out, Text(id)); });
}
std::string Text(User user) { return user == User::kTracer ? "tracer" : "kernel"; }
std::string Text(const std::vector<CachedFilter>& list) {
  if (list.empty()) return "nothing";
  return absl::StrJoin(list, " ", [](std::string* out, const CachedFilter& item) {
    const std::string_view function = item.function.text();
    const std::string_view module = item.module.text();
    absl::StrAppend(out, absl::string_view(function.data(), function.size()),
                    ":mod:", absl::string_view(module.data(), module.size()));
  });
}
std::string SlotText(SlotId slot) {
  return slot == kNoSlot ? "none" : absl::StrCat("@", Index(slot));
}

// Collects the first differences; the later ones are not looked at.
class Collected {
 public:
  explicit Collected(std::size_t most) : most_(most) {}
  bool full() const { return differences_.size() >= most_; }
  std::vector<Difference> Take() { return std::move(differences_); }

  void Say(std::string field, std::string expected, std::string actual) {
    if (!full()) differences_.push_back({std::move(field), std::move(expected), std::move(actual)});
  }
  template <typename T>
  void Compare(std::string_view base, std::string_view member, const T& expected, const T& actual) {
    if (expected == actual) return;
    Say(absl::StrCat(absl::string_view(base.data(), base.size()),
                     absl::string_view(member.data(), member.size())),
        Text(expected), Text(actual));
  }

 private:
  std::size_t most_;
  std::vector<Difference> differences_;
};

class ViewComparison {
 public:
  ViewComparison(const World& world, const View& expected, const View& actual, std::size_t most)
      : world_(world), expected_(expected), actual_(actual), differences_(most) {}

  std::vector<Difference> Run() {
    Globals();
    Records();
    Groups();
    for (std::size_t i = 0; i < kOpsCount; ++i) Ops(i);
    if (expected_.order != actual_.order) {
      differences_.Say("order", Text(expected_.order), Text(actual_.order));
    }
    Modules();
    Notifiers();
    Livepatch();
    Kprobes();
    Ledger();
    // Unequal, and no field says why: a field was added to view.h and forgotten here.
    std::vector<Difference> differences = differences_.Take();
    RECOUNT_CHECK(!differences.empty());
    return differences;
  }

 private:
  void Globals() {
    const recount::Globals& e = expected_.globals;
    const recount::Globals& a = actual_.globals;
    differences_.Compare("globals", ".dead", e.dead, a.dead);
    differences_.Compare("globals", ".enabled", e.enabled, a.enabled);
    differences_.Compare("globals", ".core_init_freed", e.core_init_freed, a.core_init_freed);
    if (e.phase != a.phase) {
      differences_.Say("globals.phase", std::string(PhaseName(e.phase)),
                       std::string(PhaseName(a.phase)));
    }
  }

  static bool SameRecord(const RecordView& a, const RecordView& b) {
    return a.ip == b.ip && a.function == b.function;
  }
  static std::ptrdiff_t Times(const View& view, const RecordView& record) {
    return std::count_if(view.records.begin(), view.records.end(),
                         [&](const RecordView& other) { return SameRecord(record, other); });
  }
  std::string RecordField(const RecordView& record) const {
    const std::string name = Index(record.function) < world_.functions().size()
                                 ? world_.FunctionText(record.function)
                                 : absl::StrCat("#", Index(record.function));
    return absl::StrCat("records[", name, "]");
  }

  void Records() {
    const std::size_t size = std::max(expected_.records.size(), actual_.records.size());
    for (std::size_t i = 0; i < size && !differences_.full(); ++i) {
      if (i >= expected_.records.size() || i >= actual_.records.size() ||
          !SameRecord(expected_.records[i], actual_.records[i])) {
        return MisplacedRecord(i);
      }
      const RecordView& e = expected_.records[i];
      const RecordView& a = actual_.records[i];
      if (e == a) continue;
      const std::string field = RecordField(e);
      differences_.Compare(field, ".count", std::uint64_t{e.count}, std::uint64_t{a.count});
      if (e.flags != a.flags) {
        differences_.Say(field + ".flags", FlagsText(e.flags), FlagsText(a.flags));
      }
      if (e.site != a.site) differences_.Say(field + ".site", SiteText(e.site), SiteText(a.site));
    }
  }

  // The lists differ at `i`: is a record missing, is one too many, or is the order another?
  void MisplacedRecord(std::size_t i) {
    for (const View* view : {&expected_, &actual_}) {
      if (i >= view->records.size()) continue;
      const RecordView& record = view->records[i];
      const std::ptrdiff_t e = Times(expected_, record);
      const std::ptrdiff_t a = Times(actual_, record);
      if (e == a) continue;
      // After a death a group may outlive its module, so a function may have several records.
      const auto text = [](std::ptrdiff_t times) {
        return times == 0   ? std::string("missing")
               : times == 1 ? std::string("present")
                            : absl::StrCat(times, " times");
      };
      return differences_.Say(RecordField(record), text(e), text(a));
    }
    // Here both lists reach to `i`: the same records in both make lists of one size.
    differences_.Say(absl::StrCat("records[", i, "].place"), RecordField(expected_.records[i]),
                     RecordField(actual_.records[i]));
  }

  void Groups() {
    const std::size_t size = std::min(expected_.groups.size(), actual_.groups.size());
    for (std::size_t i = 0; i < size && !differences_.full(); ++i) {
      const GroupView& e = expected_.groups[i];
      const GroupView& a = actual_.groups[i];
      const std::string field = absl::StrCat("groups[", i, "]");
      if (e.owner != a.owner)
        differences_.Say(field + ".owner", ImageText(e.owner), ImageText(a.owner));
      differences_.Compare(field, ".order", std::uint64_t{e.order}, std::uint64_t{a.order});
      differences_.Compare(field, ".used", std::uint64_t{e.used}, std::uint64_t{a.used});
    }
    differences_.Compare("groups", ".size", std::uint64_t{expected_.groups.size()},
                         std::uint64_t{actual_.groups.size()});
  }

  std::string ImageText(ModuleId id) const {
    if (id != kCore && Index(id) >= world_.modules().size()) return absl::StrCat("#", Index(id));
    return std::string(world_.ImageName(id));
  }

  void Ops(std::size_t i) {
    const OpsView& e = expected_.ops[i];
    const OpsView& a = actual_.ops[i];
    if (e == a) return;
    const std::string field = absl::StrCat("ops[o", i, "]");
    differences_.Compare(field, ".user", e.user, a.user);
    differences_.Compare(field, ".save_regs", e.save_regs, a.save_regs);
    differences_.Compare(field, ".ipmodify", e.ipmodify, a.ipmodify);
    differences_.Compare(field, ".permanent", e.permanent, a.permanent);
    differences_.Compare(field, ".registered", e.registered, a.registered);
    differences_.Compare(field, ".pair", e.pair, a.pair);
    Hash(field + ".filter", e.filter, a.filter);
    Hash(field + ".notrace", e.notrace, a.notrace);
    differences_.Compare(field, ".cached_filter", e.cached_filter, a.cached_filter);
    differences_.Compare(field, ".cached_notrace", e.cached_notrace, a.cached_notrace);
  }

  void Hash(const std::string& field, const HashView& e, const HashView& a) {
    if (e.ips != a.ips) differences_.Say(field, IpsText(e.ips, a.ips), IpsText(a.ips, e.ips));
    differences_.Compare(field, ".cleared", std::uint64_t{e.cleared}, std::uint64_t{a.cleared});
    differences_.Compare(field, ".mod", e.mod, a.mod);
  }

  // All of a short list; of a long one its size and the first address that only one side has.
  std::string IpsText(const std::vector<Address>& ips, const std::vector<Address>& others) const {
    constexpr std::size_t kShort = 8;
    if (ips.empty()) return "no address";
    const auto name = [this](std::string* out, Address ip) { absl::StrAppend(out, IpText(ip)); };
    if (ips.size() <= kShort && others.size() <= kShort) return absl::StrJoin(ips, " ", name);
    std::size_t i = 0;
    while (i < ips.size() && i < others.size() && ips[i] == others[i]) ++i;
    return absl::StrCat(ips.size(), " addresses, from number ", i, ": ",
                        i < ips.size() ? IpText(ips[i]) : "nothing");
  }
  std::string IpText(Address ip) const {
    for (const View* view : {&expected_, &actual_}) {
      for (const RecordView& record : view->records) {
        if (record.ip == ip && Index(record.function) < world_.functions().size()) {
          return world_.FunctionText(record.function);
        }
      }
    }
    return absl::StrCat("0x", absl::Hex(ip));
  }

  void Modules() {
    const std::size_t size = std::min(expected_.modules.size(), actual_.modules.size());
    for (std::size_t i = 0; i < size && !differences_.full(); ++i) {
      const ModuleView& e = expected_.modules[i];
      const ModuleView& a = actual_.modules[i];
      if (e == a) continue;
      const std::string field =
          absl::StrCat("modules[", ImageText(ModuleId{static_cast<std::uint16_t>(i)}), "]");
      if (e.state != a.state) {
        differences_.Say(field + ".state", std::string(ModuleStateText(e.state)),
                         std::string(ModuleStateText(a.state)));
      }
      if (e.slot != a.slot) differences_.Say(field + ".slot", SlotText(e.slot), SlotText(a.slot));
      if (e.next != a.next) {
        differences_.Say(field + ".next", std::string(StageName(e.next)),
                         std::string(StageName(a.next)));
      }
      differences_.Compare(field, ".klp_alive", e.klp_alive, a.klp_alive);
    }
    differences_.Compare("modules", ".size", std::uint64_t{expected_.modules.size()},
                         std::uint64_t{actual_.modules.size()});
  }

  static std::string ChainText(const ChainView& chain) {
    if (chain.count == 0) return "nobody";
    return absl::StrJoin(
        std::span(chain.order).first(std::min<std::size_t>(chain.count, kNotifierCount)), " ",
        [](std::string* out, NotifierId id) { absl::StrAppend(out, "n", Index(id)); });
  }

  void Notifiers() {
    const NotifiersView& e = expected_.notifiers;
    const NotifiersView& a = actual_.notifiers;
    if (e == a) return;
    for (std::size_t i = 0; i < kChainCount; ++i) {
      if (e.chains[i] == a.chains[i]) continue;
      differences_.Say(absl::StrCat("chains[", std::string(ChainName(static_cast<Chain>(i))), "]"),
                       ChainText(e.chains[i]), ChainText(a.chains[i]));
    }
    for (std::size_t i = 0; i < kNotifierCount; ++i) {
      const std::string field = absl::StrCat("notifiers[n", i, "]");
      differences_.Compare(field, ".priority", e.priority[i], a.priority[i]);
      differences_.Compare(field, ".held", std::uint64_t{e.held[i]}, std::uint64_t{a.held[i]});
    }
    differences_.Compare("notifiers", ".bad_frees", std::uint64_t{e.bad_frees},
                         std::uint64_t{a.bad_frees});
  }

  static std::string PatchesText(std::span<const PatchId> patches, std::size_t count) {
    if (count == 0) return "none";
    return absl::StrJoin(
        patches.first(std::min(count, patches.size())), " ",
        [](std::string* out, PatchId id) { absl::StrAppend(out, "p", Index(id)); });
  }
  // The functions of a patch whose bit is set in `which`.
  std::string FunctionsText(const PatchView& patch, std::uint8_t which) const {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min<std::size_t>(patch.count, patch.functions.size()); ++i) {
      if ((which >> i & 1) == 0) continue;
      const FunctionId function = patch.functions[i];
      names.push_back(Index(function) < world_.functions().size()
                          ? world_.FunctionText(function)
                          : absl::StrCat("#", Index(function)));
    }
    return names.empty() ? "none" : absl::StrJoin(names, " ");
  }

  void Livepatch() {
    const LivepatchView& e = expected_.livepatch;
    const LivepatchView& a = actual_.livepatch;
    if (e == a) return;
    for (std::size_t i = 0; i < kPatchCount; ++i) Patch(i, e.patches[i], a.patches[i]);
    if (e.enabled_count != a.enabled_count || e.order != a.order) {
      differences_.Say("patches", PatchesText(e.order, e.enabled_count),
                       PatchesText(a.order, a.enabled_count));
    }
    for (std::size_t i = 0; i < kLivepatchOpsCount; ++i) LivepatchOps(i, e.ops[i], a.ops[i]);
  }

  void Patch(std::size_t i, const PatchView& e, const PatchView& a) {
    if (e == a) return;
    const std::string field = absl::StrCat("patches[p", i, "]");
    differences_.Compare(field, ".enabled", e.enabled, a.enabled);
    differences_.Compare(field, ".replace", e.replace, a.replace);
    if (e.count != a.count || e.functions != a.functions) {
      differences_.Say(field + ".functions", FunctionsText(e, 0xff), FunctionsText(a, 0xff));
    }
    if (e.bound != a.bound) {
      differences_.Say(field + ".bound", FunctionsText(e, e.bound), FunctionsText(a, a.bound));
    }
    if (e.patched != a.patched) {
      differences_.Say(field + ".patched", FunctionsText(e, e.patched),
                       FunctionsText(a, a.patched));
    }
  }

  void LivepatchOps(std::size_t i, const LivepatchOpsView& e, const LivepatchOpsView& a) {
    if (e == a) return;
    const std::string field = absl::StrCat("klp_ops[l", i, "]");
    if (e.ip != a.ip) differences_.Say(field + ".ip", IpText(e.ip), IpText(a.ip));
    differences_.Compare(field, ".registered", e.registered, a.registered);
    if (e.depth != a.depth || e.stack != a.stack) {
      differences_.Say(field + ".stack", PatchesText(e.stack, e.depth),
                       PatchesText(a.stack, a.depth));
    }
  }

  static std::string KprobesText(std::span<const KprobeId> kprobes, std::size_t count) {
    if (count == 0) return "none";
    return absl::StrJoin(
        kprobes.first(std::min(count, kprobes.size())), " ",
        [](std::string* out, KprobeId id) { absl::StrAppend(out, "k", Index(id)); });
  }

  std::string PlacesText(std::span<const Address> places, std::size_t count) const {
    if (count == 0) return "none";
    return absl::StrJoin(
        places.first(std::min(count, places.size())), " ",
        [this](std::string* out, Address place) { absl::StrAppend(out, IpText(place)); });
  }

  void Kprobes() {
    const KprobesView& e = expected_.kprobes;
    const KprobesView& a = actual_.kprobes;
    if (e == a) return;
    differences_.Compare("kprobes", ".all_disarmed", e.all_disarmed, a.all_disarmed);
    differences_.Compare("kprobes", ".early_slots", std::uint64_t{e.early_slots},
                         std::uint64_t{a.early_slots});
    if (e.unused_count != a.unused_count || e.unused != a.unused) {
      differences_.Say("kprobes.unused", PlacesText(e.unused, e.unused_count),
                       PlacesText(a.unused, a.unused_count));
    }
    for (std::size_t i = 0; i < kKprobeCount; ++i) {
      const std::string field = absl::StrCat("kprobes[k", i, "]");
      const KprobeView& probe = e.probes[i];
      const KprobeView& other = a.probes[i];
      differences_.Compare(field, ".registered", probe.registered, other.registered);
      differences_.Compare(field, ".post", probe.post, other.post);
      differences_.Compare(field, ".gone", probe.gone, other.gone);
      differences_.Compare(field, ".disabled", probe.disabled, other.disabled);
      KprobeAddress(field, probe.address, other.address);
    }
    differences_.Compare("kprobe_entries", ".count", std::uint64_t{e.entry_count},
                         std::uint64_t{a.entry_count});
    for (std::size_t i = 0; i < kKprobeCount; ++i) KprobeEntry(i, e.entries[i], a.entries[i]);
    for (std::size_t i = 0; i < e.ops.size(); ++i) {
      const std::string field = absl::StrCat("kprobe_ops[", i == 0 ? "kp" : "kpi", "]");
      differences_.Compare(field, ".registered", e.ops[i].registered, a.ops[i].registered);
      const std::vector<Address>& filter = e.ops[i].filter;
      const std::vector<Address>& other = a.ops[i].filter;
      if (filter != other) {
        differences_.Say(field + ".filter", IpsText(filter, other), IpsText(other, filter));
      }
    }
  }

  void KprobeAddress(const std::string& field, Address e, Address a) {
    if (e == a) return;
    const auto text = [this](Address ip) { return ip == 0 ? std::string("none") : IpText(ip); };
    differences_.Say(field + ".address", text(e), text(a));
  }

  void KprobeEntry(std::size_t i, const KprobeEntryView& e, const KprobeEntryView& a) {
    if (e == a) return;
    const std::string field = absl::StrCat("kprobe_entries[", i, "]");
    KprobeAddress(field, e.address, a.address);
    differences_.Compare(field, ".aggregate", e.aggregate, a.aggregate);
    differences_.Compare(field, ".on_ftrace", e.on_ftrace, a.on_ftrace);
    differences_.Compare(field, ".post", e.post, a.post);
    differences_.Compare(field, ".gone", e.gone, a.gone);
    differences_.Compare(field, ".disabled", e.disabled, a.disabled);
    differences_.Compare(field, ".early", e.early, a.early);
    differences_.Compare(field, ".suspended", e.suspended, a.suspended);
    if (e.jump != a.jump) {
      differences_.Say(field + ".jump", std::string(JumpText(e.jump)),
                       std::string(JumpText(a.jump)));
    }
    if (e.count != a.count || e.probes != a.probes) {
      differences_.Say(field + ".probes", KprobesText(e.probes, e.count),
                       KprobesText(a.probes, a.count));
    }
  }

  void Ledger() {
    const recount::Ledger& e = expected_.ledger;
    const recount::Ledger& a = actual_.ledger;
    differences_.Compare("ledger", ".records", std::uint64_t{e.records}, std::uint64_t{a.records});
    differences_.Compare("ledger", ".groups", std::uint64_t{e.groups}, std::uint64_t{a.groups});
    differences_.Compare("ledger", ".pages", std::uint64_t{e.pages}, std::uint64_t{a.pages});
    differences_.Compare("ledger", ".hash_entries", std::uint64_t{e.hash_entries},
                         std::uint64_t{a.hash_entries});
    differences_.Compare("ledger", ".cached", std::uint64_t{e.cached}, std::uint64_t{a.cached});
  }

  const World& world_;
  const View& expected_;
  const View& actual_;
  Collected differences_;
};

}  // namespace

namespace {

// "n0:coming n1:coming"; with the module where it is one.
std::string LogText(const World& world, const std::vector<NotifierCall>& log) {
  if (log.empty()) return "nobody";
  return absl::StrJoin(log, " ", [&world](std::string* out, const NotifierCall& call) {
    absl::StrAppend(out, "n", Index(call.notifier), ":", std::string(EventName(call.event)));
    if (call.module == kCore) return;
    absl::StrAppend(out, "(",
                    Index(call.module) < world.modules().size()
                        ? std::string(world.ImageName(call.module))
                        : absl::StrCat("#", Index(call.module)),
                    ")");
  });
}

}  // namespace

std::optional<Difference> CompareOutcomes(const World& world, const Op& /*op*/,
                                          const Outcome& expected, const Outcome& actual) {
  if (expected == actual) return std::nullopt;
  Collected first(1);
  if (expected.fate != actual.fate) {
    first.Say("outcome.fate", std::string(FateText(expected.fate)),
              std::string(FateText(actual.fate)));
  }
  if (expected.rc != actual.rc) first.Say("outcome.rc", RcText(expected.rc), RcText(actual.rc));
  const auto called = [](const Outcome& outcome) {
    return std::span<const OpsId>(outcome.called)
        .first(std::min<std::size_t>(outcome.called_count, kOpsCount));
  };
  if (expected.called_count != actual.called_count || expected.called != actual.called) {
    first.Say("outcome.called", Text(called(expected)), Text(called(actual)));
  }
  const auto located = [&](const Outcome& outcome) {
    return outcome.located == kNoFunction ? std::string("nothing")
                                          : world.FunctionText(outcome.located);
  };
  if (expected.located != actual.located) {
    first.Say("outcome.located", located(expected), located(actual));
  }
  if (expected.fired_count != actual.fired_count || expected.fired != actual.fired) {
    const auto fired = [](const Outcome& outcome) {
      const auto list =
          std::span(outcome.fired)
              .first(std::min<std::size_t>(outcome.fired_count, outcome.fired.size()));
      if (list.empty()) return std::string("none");
      return absl::StrJoin(
          list, " ", [](std::string* out, KprobeId id) { absl::StrAppend(out, "k", Index(id)); });
    };
    first.Say("outcome.fired", fired(expected), fired(actual));
  }
  if (expected.redirected != actual.redirected) {
    const auto patch = [](PatchId id) {
      return id == kNoPatch ? std::string("none") : absl::StrCat("p", Index(id));
    };
    first.Say("outcome.redirected", patch(expected.redirected), patch(actual.redirected));
  }
  if (expected.log != actual.log) {
    first.Say("outcome.log", LogText(world, expected.log), LogText(world, actual.log));
  }
  if (expected.answer != actual.answer) {
    first.Say("outcome.answer", AnswerText(expected.answer), AnswerText(actual.answer));
  }
  RECOUNT_CHECK(first.full());
  return first.Take().front();
}

std::optional<Difference> CompareViews(const World& world, const View& expected,
                                       const View& actual) {
  std::vector<Difference> differences = ViewDifferences(world, expected, actual, 1);
  if (differences.empty()) return std::nullopt;
  return std::move(differences.front());
}

std::vector<Difference> ViewDifferences(const World& world, const View& expected,
                                        const View& actual, std::size_t most) {
  RECOUNT_CHECK(most > 0);
  if (expected == actual) return {};
  return ViewComparison(world, expected, actual, most).Run();
}

}  // namespace recount
