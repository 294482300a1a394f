#include <optional>
#include <string_view>
#include <variant>

#include "absl/strings/str_cat.h"
#include "model/text.h"
#include "properties/laws.h"
#include "properties/run.h"

namespace recount {
namespace {

// Operations that may return an error and change something all the same (SEMANTICS 3 to 6): loading
// (clearing, cached filters, death), a tracer's files (reset and close happen even after an error),
// and a register whose patching kills, livepatch's too.
bool MayFailAndChange(const Op& op, const View& before, const View& after) {
  if (std::holds_alternative<Load>(op) || std::holds_alternative<LoadStep>(op)) return true;
  if (const auto* filter = std::get_if<SetFilter>(&op)) {
    return before.ops[Index(filter->ops)].user == User::kTracer;
  }
  // Boot goes on, whatever cannot be converted.
  if (std::holds_alternative<Boot>(op)) return before.globals.phase != Phase::kRunning;
  // What a chain returns is what a notifier answered.
  if (std::holds_alternative<Notify>(op) || std::holds_alternative<NotifyRobust>(op)) return true;
  // A kprobe that is refused may have made an aggregator (SEMANTICS 14).
  const bool died = !before.globals.dead && after.globals.dead;
  if (IsAboutKprobes(op)) return died || before.kprobes != after.kprobes;
  const bool registers =
      std::holds_alternative<Register>(op) || std::holds_alternative<EnablePatch>(op);
  return registers && died;
}

}  // namespace

std::optional<Broken> UnregisterUndoesRegister(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "unregister-undoes-register";
  Run run(subject, program);
  run.ApplyAll();
  // An early kprobe whose jump had to make way stays suspended.
  if (run.view().kprobes.early_slots > 0) return std::nullopt;
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const auto ops = static_cast<OpsId>(i);
    if (run.view().ops[i].registered) continue;
    const View before = run.view();
    if (run.Apply(Register{ops}).rc == 0) {
      if (auto broken = RcDiffers(kLaw, 0, run.Apply(Unregister{ops}).rc)) return broken;
    }
    if (auto broken = ViewsDiffer(kLaw, run.world(), before, run.view())) return broken;
  }
  return std::nullopt;
}

std::optional<Broken> SysctlOffAndOnRestores(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "sysctl-off-and-on-restores";
  Run run(subject, program);
  run.ApplyAll();
  if (!run.view().globals.enabled) return std::nullopt;
  const View before = run.view();
  // Refused while a permanent ops is registered; then nothing changes either.
  if (run.Apply(FtraceEnabled{false}).rc == 0) {
    for (const RecordView& record : run.view().records) {
      if (record.site.kind != SiteKind::kNop ||
          (record.flags & (kEnabled | kRegsEn | kTrampEn)) != 0) {
        return Broken{"sysctl-off-and-on-restores:off",
                      absl::StrCat(run.world().FunctionText(record.function),
                                   " is still called with ftrace_enabled 0")};
      }
    }
    if (auto broken = RcDiffers(kLaw, 0, run.Apply(FtraceEnabled{true}).rc)) return broken;
  }
  return ViewsDiffer(kLaw, run.world(), before, run.view());
}

// S I3.9: counts depend on the hashes, not on how they came to be. On one side all filter updates
// of the Program are run once more, out of place; then both sides set the same filters anew.
std::optional<Broken> OrderOfUpdatesIsForgotten(std::string_view subject, const Program& program) {
  constexpr std::string_view kLaw = "order-of-updates-is-forgotten";
  Run direct(subject, program);
  Run detour(subject, program);
  direct.ApplyAll();
  detour.ApplyAll();
  for (const Op& op : program.ops) {
    if (std::holds_alternative<SetFilter>(op) || std::holds_alternative<SetFilterIp>(op)) {
      detour.Apply(op);
    }
  }
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    const FunctionId function{static_cast<std::uint32_t>(i % 3)};
    for (const Which which : {Which::kNotrace, Which::kFilter}) {
      // Both to a function of the core or, for every other ops, to nothing.
      const Op set =
          SetFilter{.which = which,
                    .ops = static_cast<OpsId>(i),
                    .reset = true,
                    .pattern = i % 2 == 0 && which == Which::kFilter
                                   ? Pattern::Must(direct.world().function(function).name)
                                   : Pattern()};
      direct.Apply(set);
      detour.Apply(set);
    }
  }
  // An IPMODIFY ops may have been refused its filter on one side. The law speaks of equal hashes.
  for (std::size_t i = 0; i < kOpsCount; ++i) {
    if (direct.view().ops[i] != detour.view().ops[i]) return std::nullopt;
  }
  return ViewsDiffer(kLaw, direct.world(), direct.view(), detour.view());
}

std::optional<Broken> RefusedMeansUnchanged(std::string_view subject, const Program& program) {
  Run run(subject, program);
  for (const Op& op : program.ops) {
    const View before = run.view();
    const bool pure = std::holds_alternative<Hit>(op) || std::holds_alternative<Locate>(op) ||
                      std::holds_alternative<Fault>(op) || std::holds_alternative<SetScript>(op);
    const bool refused = run.Apply(op).rc != 0;
    if (!pure && (!refused || MayFailAndChange(op, before, run.view()))) continue;
    const std::string law =
        absl::StrCat(pure ? "looking-changes-nothing" : "refused-means-unchanged", ": ",
                     PrintOp(run.world(), op));
    if (auto broken = ViewsDiffer(law, run.world(), before, run.view())) {
      broken->signature = absl::StrCat(pure ? "pure:" : "refused:", op.index());
      return broken;
    }
  }
  return std::nullopt;
}

// Which functions exist does not depend on who traces them: with every tracing operation taken out,
// the same records are there (unless ftrace died, which stops records from being made). Livepatch
// is left out: who traces may keep it from patching, and so a module from being loaded.
std::optional<Broken> RecordsDoNotDependOnTracing(std::string_view subject,
                                                  const Program& program) {
  const Program unpatched = Without(program, IsAboutLivepatches);
  const Program bare = Without(unpatched, [](const Op& op) {
    return !std::holds_alternative<Load>(op) && !std::holds_alternative<LoadBegin>(op) &&
           !std::holds_alternative<LoadStep>(op) && !std::holds_alternative<Unload>(op) &&
           !std::holds_alternative<FreeInit>(op) && !std::holds_alternative<Boot>(op) &&
           !IsAboutNotifiers(op);
  });
  Run traced(subject, unpatched);
  Run untraced(subject, bare);
  traced.ApplyAll();
  untraced.ApplyAll();
  if (traced.view().groups != untraced.view().groups ||
      traced.view().modules != untraced.view().modules) {
    View expected = traced.view();
    expected.groups = untraced.view().groups;
    expected.modules = untraced.view().modules;
    return ViewsDiffer("records-do-not-depend-on-tracing", traced.world(), expected, traced.view());
  }
  for (std::size_t i = 0; i < traced.view().records.size(); ++i) {
    if (traced.view().records[i].ip != untraced.view().records[i].ip) {
      return Broken{"records-do-not-depend-on-tracing:ip", "another record stands in its place"};
    }
  }
  return std::nullopt;
}

}  // namespace recount
