#include "harness/conform/deviations.h"

#include <algorithm>
#include <variant>

#include "harness/conform/complaints.h"

namespace recount {
namespace {

// The load that this step is, if it is one that the kernel answered 0.
const Load* SuccessfulLoad(const StepContext& context) {
  if (context.step.rc != 0 || context.plan.ops.size() != 1) return nullptr;
  return std::get_if<Load>(&context.plan.ops[0]);
}

bool InLoadedModule(const StepContext& context, FunctionId function) {
  const Load* load = SuccessfulLoad(context);
  return load != nullptr && function != kNoFunction &&
         context.universe.world()->function(function).module == load->module;
}

const RecordView* ModelRecord(const StepContext& context, FunctionId function) {
  const auto& records = context.after.records;
  const auto it = std::find_if(records.begin(), records.end(),
                               [function](const RecordView& r) { return r.function == function; });
  return it == records.end() ? nullptr : &*it;
}

// The bit can only be inherited: somebody who wanted it traced the record, and it was not cleared.
bool IsStaleRegs(const StepContext& context, const Mismatch& mismatch) {
  if (mismatch.aspect != Aspect::kRegs || mismatch.kernel != "1") return false;
  if (!mismatch.record->has('R') || context.previous == nullptr) return false;
  const Function& function = context.universe.world()->function(mismatch.function);
  for (const RecordedImage& image : context.previous->recs) {
    if (image.module != context.universe.world()->ImageName(function.module)) continue;
    for (const RecordedRecord& record : image.records) {
      if (record.function == function.name) return record.has('R');
    }
  }
  return false;
}

bool IsLoadIgnoringSysctl(const StepContext& context, const Mismatch& mismatch) {
  const bool current = mismatch.aspect == Aspect::kEnabled || mismatch.aspect == Aspect::kRegs ||
                       mismatch.aspect == Aspect::kTramp;
  return current && mismatch.kernel == "1" && !context.before.globals.enabled &&
         InLoadedModule(context, mismatch.function);
}

bool IsUnmatchedCachedFilter(const StepContext& context, const Mismatch& mismatch) {
  const OpsView& before = context.before.ops[Index(kGlobalTracer)];
  const OpsView& after = context.after.ops[Index(kGlobalTracer)];
  if (SuccessfulLoad(context) == nullptr || !before.filter.mod || after.filter.mod) return false;
  if (!after.filter.ips.empty()) return false;
  return mismatch.aspect == Aspect::kLines || mismatch.aspect == Aspect::kCount ||
         mismatch.aspect == Aspect::kEnabled || mismatch.aspect == Aspect::kTramp;
}

bool IsIpModifyReload(const StepContext& context, const Mismatch& mismatch) {
  if (!context.step.warned || SuccessfulLoad(context) == nullptr) return false;
  if (mismatch.aspect == Aspect::kComplaint) {
    return std::any_of(context.after.records.begin(), context.after.records.end(),
                       [&context](const RecordView& record) {
                         return (record.flags & kIpModify) != 0 &&
                                InLoadedModule(context, record.function);
                       });
  }
  if (!InLoadedModule(context, mismatch.function)) return false;
  const RecordView* record = ModelRecord(context, mismatch.function);
  return record != nullptr && (record->flags & kIpModify) != 0;
}

bool IsUninitialisedIpModify(const StepContext& context, const Mismatch& mismatch) {
  if (mismatch.aspect != Aspect::kComplaint || !context.step.crashed) return false;
  if (context.plan.ops.size() != 1) return false;
  const auto* op = std::get_if<Register>(&context.plan.ops[0]);
  if (op == nullptr) return false;
  const OpsView& ops = context.before.ops[Index(op->ops)];
  return ops.ipmodify && ops.filter.empty() && ops.notrace.empty();
}

// The entries of one side that the other does not have, from "[a b]" texts.
std::vector<std::string_view> Entries(std::string_view text) {
  std::vector<std::string_view> entries;
  text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    std::size_t end = text.find(' ');
    // "stale mod:fn" is one entry.
    if (text.substr(0, end) == "stale") end = text.find(' ', end + 1);
    entries.push_back(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
  }
  return entries;
}
std::vector<std::string_view> Minus(std::vector<std::string_view> a,
                                    const std::vector<std::string_view>& b) {
  for (const std::string_view entry : b) {
    const auto it = std::find(a.begin(), a.end(), entry);
    if (it != a.end()) a.erase(it);
  }
  return a;
}

bool IsRenamedStaleAddress(const StepContext& context, const Mismatch& mismatch) {
  if (mismatch.aspect != Aspect::kHash) return false;
  const std::vector<std::string_view> kernel = Entries(mismatch.kernel);
  const std::vector<std::string_view> model = Entries(mismatch.model);
  const std::vector<std::string_view> kernel_only = Minus(kernel, model);
  const std::vector<std::string_view> model_only = Minus(model, kernel);
  if (kernel_only.size() != model_only.size()) return false;
  for (const std::string_view entry : model_only) {
    if (entry.substr(0, 6) != "stale ") return false;
  }
  // What the recorder saw there is a module that is loaded, but no record of it: were it one, the
  // entry would mean something.
  for (const std::string_view entry : kernel_only) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return false;
    if (!context.step.BaseOf(entry.substr(0, colon))) return false;
    for (const RecordedImage& image : context.step.recs) {
      if (image.module != entry.substr(0, colon)) continue;
      for (const RecordedRecord& record : image.records) {
        if (record.function == entry.substr(colon + 1)) return false;
      }
    }
  }
  return true;
}

// Where a probe with a post_handler joins one without that is armed on ftrace: the site is not
// marked as owned, since the kernel leaves the entry on the ops for plain probes.
bool IsPostOnPlain(const StepContext& context, const Mismatch& mismatch) {
  if (mismatch.aspect != Aspect::kIpModify || mismatch.kernel != "0") return false;
  if (context.step.rc != 0 || context.plan.ops.size() != 1) return false;
  const auto* op = std::get_if<AddKprobe>(&context.plan.ops[0]);
  if (op == nullptr || !op->post || op->place.function != mismatch.function) return false;
  const RecordView* const record = ModelRecord(context, mismatch.function);
  const KprobesView& before = context.before.kprobes;
  return record != nullptr &&
         std::any_of(before.entries.begin(), before.entries.begin() + before.entry_count,
                     [record](const KprobeEntryView& entry) {
                       return entry.address == record->ip && entry.on_ftrace && !entry.post &&
                              !entry.gone && !entry.disabled;
                     });
}

bool IsWarningOnAnotherLine(const StepContext&, const Mismatch& mismatch) {
  return mismatch.aspect == Aspect::kComplaint &&
         DifferInLinesOnly(mismatch.kernel, mismatch.model);
}

constexpr Deviation kDeviations[] = {
    {.name = "stale-regs",
     .kind = DeviationKind::kTolerance,
     .kernels = "6.1, 6.12",
     .kernel_does = "The REGS bit of a record outlives the last SAVE_REGS user: when the user goes "
                    "while ftrace_enabled is 0, and when its filter changes while others stay. The "
                    "next user of the site gets the regs entry.",
     .intent = "REGS is wanted exactly when an ops that traces the record has save_regs.",
     .source = "SEMANTICS 2",
     .recorded = true,
     .explains = IsStaleRegs},
    {.name = "ipmodify-reload",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does = "A module comes back under a registered IPMODIFY ops: the kernel warns in "
                    "ftrace_module_enable, does not count the ops and does not mark the record; a "
                    "later unregister takes the count below zero and kills ftrace.",
     .intent = "The ops owns and traces the record again.",
     .source = "SEMANTICS 2, owner",
     .recorded = true,
     .explains = IsIpModifyReload},
    {.name = "load-ignores-sysctl",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does = "Loading a module patches its traced functions although ftrace_enabled is 0; a "
                    "later unregister leaves the call behind, into a trampoline that is freed.",
     .intent = "With ftrace_enabled 0 nothing is patched.",
     .source = "SEMANTICS 4, stage enable",
     .recorded = false,
     .explains = IsLoadIgnoringSysctl},
    {.name = "unmatched-cached-filter-traces-all",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does =
         "The last cached module filter matches no function of the module that came: the "
         "filter is empty then, and everything is traced.",
     .intent = "A filter that was asked for and matched nothing traces nothing.",
     .source = "SEMANTICS 5, cached module filters",
     .recorded = false,
     .explains = IsUnmatchedCachedFilter},
    {.name = "uninitialised-ipmodify",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does =
         "Registering an IPMODIFY ops that never had a filter follows a null hash: oops.",
     .intent = "Refused with -EINVAL, as an empty filter is.",
     .source = "SEMANTICS 6, register",
     .recorded = false,
     .explains = IsUninitialisedIpModify},
    {.name = "failed-open-drops-cached-filters",
     .kind = DeviationKind::kTolerance,
     .kernels = "6.1, 6.12",
     .kernel_does = "Opening a filter file with truncation drops the cached module filters before "
                    "the copy is allocated, also when that fails with -ENOMEM.",
     .intent = "A failing open changes nothing.",
     .source = "SEMANTICS 5, tracer step 1",
     .recorded = false,
     .explains = nullptr},
    {.name = "all-null-module-leaves-group",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does = "A module whose call-site entries are all null leaves an empty page group in "
                    "the list for ever; looking at its last record reads before the block.",
     .intent = "Groups without a record are freed, the first one too.",
     .source = "SEMANTICS 4, creating records",
     .recorded = false,
     .explains = nullptr},
    {.name = "kprobe-post-on-plain",
     .kind = DeviationKind::kDefect,
     .kernels = "6.1, 6.12",
     .kernel_does = "A kprobe with a post_handler joins a plain one that is armed on ftrace: the "
                    "site stays with the ops for plain kprobes, is disarmed from the other one, "
                    "and counts one for ever.",
     .intent = "The site moves to the ops that own what they patch.",
     .source = "SEMANTICS 14, a second probe",
     .recorded = false,
     .explains = IsPostOnPlain},
    {.name = "endbr-before-call-site",
     .kind = DeviationKind::kConfiguration,
     .kernels = "6.12",
     .kernel_does = "Functions begin with an ENDBR, the call site is four bytes in: fn+1 is no "
                    "place in the call.",
     .intent = "A World's call site is at the function's first byte; the replay names the place "
               "that lies as far from it.",
     .source = "SEMANTICS 7",
     .recorded = true,
     .explains = nullptr},
    {.name = "stale-address-in-other-function",
     .kind = DeviationKind::kConfiguration,
     .kernels = "6.1, 6.12",
     .kernel_does = "Two images were placed so that they overlap in part: a stale address falls "
                    "inside a function that is there now, and the recorder gives it that name.",
     .intent = "Slots derived from a recording are apart; the entry is shown as stale.",
     .source = "harness/conform/universe.h",
     .recorded = true,
     .explains = IsRenamedStaleAddress},
    {.name = "warning-on-another-line",
     .kind = DeviationKind::kConfiguration,
     .kernels = "any",
     .kernel_does = "Warns as the recorded kernel does, in the same file, on another line: another "
                    "release of the series.",
     .intent = "A kernel that is a subject warns where the recorded one does.",
     .source = "harness/conform/complaints.h",
     .recorded = false,
     .explains = IsWarningOnAnotherLine},
};

}  // namespace

std::string_view ToText(DeviationKind kind) {
  switch (kind) {
    case DeviationKind::kTolerance:
      return "tolerance";
    case DeviationKind::kDefect:
      return "defect";
    case DeviationKind::kConfiguration:
      return "configuration";
  }
  return "";
}

std::span<const Deviation> Deviations() { return kDeviations; }

const Deviation* FindDeviation(std::string_view name) {
  for (const Deviation& deviation : kDeviations) {
    if (deviation.name == name) return &deviation;
  }
  return nullptr;
}

const Deviation* Explain(const StepContext& context, const Mismatch& mismatch) {
  for (const Deviation& deviation : kDeviations) {
    if (deviation.explains != nullptr && deviation.explains(context, mismatch)) return &deviation;
  }
  return nullptr;
}

}  // namespace recount
