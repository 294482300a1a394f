// Notifiers, livepatches and kprobes: what Views differ in of what stands on top of ftrace.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "harness/compare_said.h"

namespace recount::internal {
namespace {

std::string ChainText(const ChainView& chain) {
  if (chain.count == 0) return "nobody";
  return absl::StrJoin(
      std::span(chain.order).first(std::min<std::size_t>(chain.count, kNotifierCount)), " ",
      [](std::string* out, NotifierId id) { absl::StrAppend(out, "n", Index(id)); });
}

std::string PatchesText(std::span<const PatchId> patches, std::size_t count) {
  if (count == 0) return "none";
  return absl::StrJoin(patches.first(std::min(count, patches.size())), " ",
                       [](std::string* out, PatchId id) { absl::StrAppend(out, "p", Index(id)); });
}
// The functions of a patch whose bit is set in `which`.
std::string FunctionsText(const Names& said, const PatchView& patch, std::uint8_t which) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min<std::size_t>(patch.count, patch.functions.size()); ++i) {
    if ((which >> i & 1) == 0) continue;
    names.push_back(said.FunctionName(patch.functions[i]));
  }
  return names.empty() ? "none" : absl::StrJoin(names, " ");
}

void ComparePatch(const Names& names, std::size_t i, const PatchView& e, const PatchView& a,
                  Collected* differences) {
  if (e == a) return;
  const std::string field = absl::StrCat("patches[p", i, "]");
  differences->Compare(field, ".enabled", e.enabled, a.enabled);
  differences->Compare(field, ".replace", e.replace, a.replace);
  if (e.count != a.count || e.functions != a.functions) {
    differences->Say(field + ".functions", FunctionsText(names, e, 0xff),
                     FunctionsText(names, a, 0xff));
  }
  if (e.bound != a.bound) {
    differences->Say(field + ".bound", FunctionsText(names, e, e.bound),
                     FunctionsText(names, a, a.bound));
  }
  if (e.patched != a.patched) {
    differences->Say(field + ".patched", FunctionsText(names, e, e.patched),
                     FunctionsText(names, a, a.patched));
  }
}

void CompareOps(const Names& names, std::size_t i, const LivepatchOpsView& e,
                const LivepatchOpsView& a, Collected* differences) {
  if (e == a) return;
  const std::string field = absl::StrCat("klp_ops[l", i, "]");
  if (e.ip != a.ip) differences->Say(field + ".ip", names.IpText(e.ip), names.IpText(a.ip));
  differences->Compare(field, ".registered", e.registered, a.registered);
  if (e.depth != a.depth || e.stack != a.stack) {
    differences->Say(field + ".stack", PatchesText(e.stack, e.depth),
                     PatchesText(a.stack, a.depth));
  }
}

std::string KprobesText(std::span<const KprobeId> kprobes, std::size_t count) {
  if (count == 0) return "none";
  return absl::StrJoin(kprobes.first(std::min(count, kprobes.size())), " ",
                       [](std::string* out, KprobeId id) { absl::StrAppend(out, "k", Index(id)); });
}

std::string PlacesText(const Names& names, std::span<const Address> places, std::size_t count) {
  if (count == 0) return "none";
  return absl::StrJoin(
      places.first(std::min(count, places.size())), " ",
      [&names](std::string* out, Address place) { absl::StrAppend(out, names.IpText(place)); });
}

void CompareAddress(const Names& names, const std::string& field, Address e, Address a,
                    Collected* differences) {
  if (e == a) return;
  const auto text = [&names](Address ip) {
    return ip == 0 ? std::string("none") : names.IpText(ip);
  };
  differences->Say(field + ".address", text(e), text(a));
}

void CompareEntry(const Names& names, std::size_t i, const KprobeEntryView& e,
                  const KprobeEntryView& a, Collected* differences) {
  if (e == a) return;
  const std::string field = absl::StrCat("kprobe_entries[", i, "]");
  CompareAddress(names, field, e.address, a.address, differences);
  differences->Compare(field, ".aggregate", e.aggregate, a.aggregate);
  differences->Compare(field, ".on_ftrace", e.on_ftrace, a.on_ftrace);
  differences->Compare(field, ".post", e.post, a.post);
  differences->Compare(field, ".gone", e.gone, a.gone);
  differences->Compare(field, ".disabled", e.disabled, a.disabled);
  differences->Compare(field, ".early", e.early, a.early);
  differences->Compare(field, ".suspended", e.suspended, a.suspended);
  if (e.jump != a.jump) {
    differences->Say(field + ".jump", std::string(JumpText(e.jump)), std::string(JumpText(a.jump)));
  }
  if (e.count != a.count || e.probes != a.probes) {
    differences->Say(field + ".probes", KprobesText(e.probes, e.count),
                     KprobesText(a.probes, a.count));
  }
}

}  // namespace

void CompareNotifiers(const NotifiersView& e, const NotifiersView& a, Collected* differences) {
  if (e == a) return;
  for (std::size_t i = 0; i < kChainCount; ++i) {
    if (e.chains[i] == a.chains[i]) continue;
    differences->Say(absl::StrCat("chains[", std::string(ChainName(static_cast<Chain>(i))), "]"),
                     ChainText(e.chains[i]), ChainText(a.chains[i]));
  }
  for (std::size_t i = 0; i < kNotifierCount; ++i) {
    const std::string field = absl::StrCat("notifiers[n", i, "]");
    differences->Compare(field, ".priority", e.priority[i], a.priority[i]);
    differences->Compare(field, ".held", std::uint64_t{e.held[i]}, std::uint64_t{a.held[i]});
  }
  differences->Compare("notifiers", ".bad_frees", std::uint64_t{e.bad_frees},
                       std::uint64_t{a.bad_frees});
}

void CompareLivepatch(const Names& names, const LivepatchView& e, const LivepatchView& a,
                      Collected* differences) {
  if (e == a) return;
  for (std::size_t i = 0; i < kPatchCount; ++i)
    ComparePatch(names, i, e.patches[i], a.patches[i], differences);
  if (e.enabled_count != a.enabled_count || e.order != a.order) {
    differences->Say("patches", PatchesText(e.order, e.enabled_count),
                     PatchesText(a.order, a.enabled_count));
  }
  for (std::size_t i = 0; i < kLivepatchOpsCount; ++i)
    CompareOps(names, i, e.ops[i], a.ops[i], differences);
}

void CompareKprobes(const Names& names, const KprobesView& e, const KprobesView& a,
                    Collected* differences) {
  if (e == a) return;
  differences->Compare("kprobes", ".all_disarmed", e.all_disarmed, a.all_disarmed);
  differences->Compare("kprobes", ".early_slots", std::uint64_t{e.early_slots},
                       std::uint64_t{a.early_slots});
  if (e.unused_count != a.unused_count || e.unused != a.unused) {
    differences->Say("kprobes.unused", PlacesText(names, e.unused, e.unused_count),
                     PlacesText(names, a.unused, a.unused_count));
  }
  for (std::size_t i = 0; i < kKprobeCount; ++i) {
    const std::string field = absl::StrCat("kprobes[k", i, "]");
    const KprobeView& probe = e.probes[i];
    const KprobeView& other = a.probes[i];
    differences->Compare(field, ".registered", probe.registered, other.registered);
    differences->Compare(field, ".post", probe.post, other.post);
    differences->Compare(field, ".gone", probe.gone, other.gone);
    differences->Compare(field, ".disabled", probe.disabled, other.disabled);
    CompareAddress(names, field, probe.address, other.address, differences);
  }
  differences->Compare("kprobe_entries", ".count", std::uint64_t{e.entry_count},
                       std::uint64_t{a.entry_count});
  for (std::size_t i = 0; i < kKprobeCount; ++i)
    CompareEntry(names, i, e.entries[i], a.entries[i], differences);
  for (std::size_t i = 0; i < e.ops.size(); ++i) {
    const std::string field = absl::StrCat("kprobe_ops[", i == 0 ? "kp" : "kpi", "]");
    differences->Compare(field, ".registered", e.ops[i].registered, a.ops[i].registered);
    const std::vector<Address>& filter = e.ops[i].filter;
    const std::vector<Address>& other = a.ops[i].filter;
    if (filter != other) {
      differences->Say(field + ".filter", names.IpsText(filter, other),
                       names.IpsText(other, filter));
    }
  }
}

}  // namespace recount::internal
