// The model of a kernel's books, without a defect, is the reference: so what it shows with one is
// that defect's alone.
#include "harness/known/records.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <variant>

#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {
namespace {

bool IsModelled(const View& before, const Op& op) {
  if (const auto* step = std::get_if<LoadStep>(&op)) {
    return before.modules[Index(step->module)].next == Stage::kEnable;
  }
  return std::holds_alternative<SetFilter>(op) || std::holds_alternative<SetFilterIp>(op) ||
         std::holds_alternative<Register>(op) || std::holds_alternative<Unregister>(op) ||
         std::holds_alternative<FtraceEnabled>(op) || std::holds_alternative<AddKprobe>(op) ||
         std::holds_alternative<RemoveKprobe>(op) || std::holds_alternative<EnableKprobe>(op) ||
         std::holds_alternative<DisableKprobe>(op) || std::holds_alternative<KprobesArmed>(op);
}

TEST(KnownRecords, TheModelWithoutDefectsDoesWhatTheReferenceDoes) {
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  const NamedProfile& profile = *FindProfile("linux-6.1");
  int changes = 0;
  int deaths = 0;
  int stages = 0;
  for (std::uint64_t seed = 0; seed < 250; ++seed) {
    RandomChooser chooser(seed);
    const WorldPtr world = *BuiltinWorld("small");
    const Program program = GenerateProgram(world, profile, {}, &chooser, reference.get());
    reference->Reset(world, profile.profile);
    std::array<std::uint16_t, kFaultPointCount> armed{};
    View before;
    View after;
    reference->Observe(&before);
    for (std::size_t i = 0; i < program.ops.size(); ++i) {
      const Op& op = program.ops[i];
      const Outcome outcome = reference->Apply(op);
      reference->Observe(&after);
      if (const auto* fault = std::get_if<Fault>(&op)) {
        armed[static_cast<std::size_t>(fault->point)] = fault->nth;
      }
      if (IsModelled(before, op)) {
        EXPECT_TRUE(
            IsSound({*world, profile.profile, op, outcome, outcome, before, after, after, armed}))
            << "seed " << seed << ", operation " << i + 1 << ", " << PrintOp(*world, op);
        changes += before != after ? 1 : 0;
        deaths += after.globals.dead && !before.globals.dead ? 1 : 0;
        stages += std::holds_alternative<LoadStep>(op) ? 1 : 0;
      }
      std::swap(before, after);
    }
  }
  EXPECT_GT(changes, 5000);
  EXPECT_GT(deaths, 5);
  EXPECT_GT(stages, 50);
}

}  // namespace
}  // namespace recount
