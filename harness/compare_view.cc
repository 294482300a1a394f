// Slow and wordy on purpose: this runs once, after `expected == actual` said no. Each field of
// view.h has its line here or in compare_on_top.cc; compare_test.cc changes one field at a time.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "harness/compare.h"
#include "harness/compare_said.h"
#include "model/check.h"

namespace recount {
namespace {

std::string SlotText(SlotId slot) {
  return slot == kNoSlot ? "none" : absl::StrCat("@", Index(slot));
}

class ViewComparison {
 public:
  ViewComparison(const World& world, const View& expected, const View& actual, std::size_t most)
      : expected_(expected), actual_(actual), names_(world, expected, actual), differences_(most) {}

  std::vector<Difference> Run() {
    Globals();
    Records();
    Groups();
    for (std::size_t i = 0; i < kOpsCount; ++i) Ops(i);
    if (expected_.order != actual_.order) {
      differences_.Say("order", internal::Text(expected_.order), internal::Text(actual_.order));
    }
    Modules();
    internal::CompareNotifiers(expected_.notifiers, actual_.notifiers, &differences_);
    internal::CompareLivepatch(names_, expected_.livepatch, actual_.livepatch, &differences_);
    internal::CompareKprobes(names_, expected_.kprobes, actual_.kprobes, &differences_);
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
    return absl::StrCat("records[", names_.FunctionName(record.function), "]");
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
        differences_.Say(field + ".owner", names_.ImageName(e.owner), names_.ImageName(a.owner));
      differences_.Compare(field, ".order", std::uint64_t{e.order}, std::uint64_t{a.order});
      differences_.Compare(field, ".used", std::uint64_t{e.used}, std::uint64_t{a.used});
    }
    differences_.Compare("groups", ".size", std::uint64_t{expected_.groups.size()},
                         std::uint64_t{actual_.groups.size()});
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
    if (e.ips != a.ips)
      differences_.Say(field, names_.IpsText(e.ips, a.ips), names_.IpsText(a.ips, e.ips));
    differences_.Compare(field, ".cleared", std::uint64_t{e.cleared}, std::uint64_t{a.cleared});
    differences_.Compare(field, ".mod", e.mod, a.mod);
  }

  void Modules() {
    const std::size_t size = std::min(expected_.modules.size(), actual_.modules.size());
    for (std::size_t i = 0; i < size && !differences_.full(); ++i) {
      const ModuleView& e = expected_.modules[i];
      const ModuleView& a = actual_.modules[i];
      if (e == a) continue;
      const std::string field =
          absl::StrCat("modules[", names_.ImageName(ModuleId{static_cast<std::uint16_t>(i)}), "]");
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

  const View& expected_;
  const View& actual_;
  internal::Names names_;
  internal::Collected differences_;
};

}  // namespace

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
