// Tests of known defects: the last step of a program, and what a kernel makes of it, by hand.
#ifndef RECOUNT_HARNESS_KNOWN_KNOWN_FIXTURE_H_
#define RECOUNT_HARNESS_KNOWN_KNOWN_FIXTURE_H_

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/known/known.h"
#include "harness/program_file.h"
#include "impl/roster.h"
#include "model/program.h"
#include "model/text.h"

namespace recount {

// The last step of a program: as the reference has it, and what a subject makes of it. Of a `load`
// that is stage `enable`.
struct KnownStep {
  Program program;
  Op op = FreeInit{};
  View before;
  View after;
  View shown;
  Outcome expected;
  Outcome actual;
  std::array<std::uint16_t, kFaultPointCount> armed{};

  RecordView& Record(std::string_view function) {
    const FunctionId id = *program.world->FindFunction(function);
    for (RecordView& record : shown.records) {
      if (record.function == id) return record;
    }
    ADD_FAILURE() << function << " has no record";
    return shown.records.front();
  }
  DivergingStep Diverging() const {
    return {*program.world, program.profile->profile, op, expected, actual, before, after, shown,
            armed};
  }
  bool IsExplainedBy(const KnownDefect& defect) const {
    const KnownDefect* const defects[] = {&defect};
    return Explanation(defects, Diverging()) != nullptr;
  }
};

inline KnownStep LastStepOf(Program program) {
  KnownStep step;
  step.program = std::move(program);
  const std::unique_ptr<Subject> reference = *MakeSubject("reference");
  reference->Reset(step.program.world, step.program.profile->profile);
  const auto apply = [&](const Op& op) {
    step.op = op;
    reference->Observe(&step.before);
    step.expected = reference->Apply(op);
    if (const auto* fault = std::get_if<Fault>(&op)) {
      step.armed[static_cast<std::size_t>(fault->point)] = fault->nth;
    }
  };
  for (const Op& op : step.program.ops) {
    const auto* load = std::get_if<Load>(&op);
    const bool last = &op == &step.program.ops.back();
    if (load == nullptr || !last ||
        step.program.world->module(load->module).name == std::string_view("blank")) {
      apply(op);
      continue;
    }
    apply(LoadBegin{load->module, load->slot, std::nullopt});
    for (int stage = 0; stage < 6; ++stage) apply(LoadStep{load->module, std::nullopt});
    EXPECT_EQ(step.before.modules[Index(load->module)].next, Stage::kEnable);
  }
  reference->Observe(&step.after);
  step.shown = step.after;
  step.actual = step.expected;
  return step;
}

inline KnownStep LastStepOf(std::string_view defect) {
  return LastStepOf(*ReadProgramFile(RECOUNT_SOURCE_DIR "/corpus/findings/" + std::string(defect) +
                                     "/program.prog"));
}

inline KnownStep LastStepOfText(const std::string& operations) {
  return LastStepOf(ParseProgram("world small\nprofile linux-6.1\n" + operations).value());
}

inline void Found(KnownStep* step, Address ip) {
  step->actual.rc = 0;
  step->shown.ops[0].filter.ips = {ip};
  step->shown.ledger.hash_entries = 1;
}

inline void Kill(KnownStep* step) {
  step->shown.globals.dead = true;
  step->shown.globals.enabled = false;
}

inline const KnownDefect& Defect(std::string_view name) { return *FindKnownDefect(name); }

}  // namespace recount

#endif  // RECOUNT_HARNESS_KNOWN_KNOWN_FIXTURE_H_
