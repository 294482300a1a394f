#include "harness/conform/complaints.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "gtest/gtest.h"
#include "harness/conform/recording.h"
#include "harness/conform/replay.h"
#include "harness/conform/universe.h"
#include "impl/roster.h"
#include "model/op.h"
#include "model/outcome.h"
#include "model/profile.h"

namespace recount {
namespace {

TEST(Complaints, AreThePlacesThatWarned) {
  RecordedStep step;
  EXPECT_EQ(RecordedWarnings(step), "none");
  step.kmsg = {"WARNING: CPU: 0 PID: 97 at kernel/notifier.c:28 notifier_chain_register"};
  EXPECT_EQ(RecordedWarnings(step), "none");
  step.warned = true;
  EXPECT_EQ(RecordedWarnings(step), "kernel/notifier.c:28");
  step.kmsg.insert(step.kmsg.begin(), "notifier callback cnb_call [kor] already registered");
  step.kmsg.push_back("WARNING: CPU: 0 PID: 97 at kernel/trace/ftrace.c:1 f");
  EXPECT_EQ(RecordedWarnings(step), "kernel/notifier.c:28 kernel/trace/ftrace.c:1");
  step.kmsg = {"BUG: something", "WARNING: at"};
  EXPECT_EQ(RecordedWarnings(step), "somewhere");
}

TEST(Complaints, MayDifferInLinesOnly) {
  EXPECT_TRUE(DifferInLinesOnly("a/b.c:1 d.c:2", "a/b.c:1 d.c:3"));
  EXPECT_FALSE(DifferInLinesOnly("a.c:1", "a.c:1"));
  EXPECT_FALSE(DifferInLinesOnly("a.c:1", "b.c:1"));
  EXPECT_FALSE(DifferInLinesOnly("a.c:1", "a.c:1 a.c:2"));
  EXPECT_FALSE(DifferInLinesOnly("none", "somewhere"));
}

// The reference in the coat of a kernel, which complains of a second register or unregister.
class Kernel final : public Subject {
 public:
  Kernel(std::string at_register, std::string at_unregister)
      : at_register_(std::move(at_register)), at_unregister_(std::move(at_unregister)) {}

  std::string_view name() const override { return "linux:test"; }
  void Reset(WorldPtr world, const Profile& profile) override {
    reference_->Reset(std::move(world), profile);
  }
  Outcome Apply(const Op& op) override {
    Outcome outcome = reference_->Apply(op);
    const bool refused = outcome.rc == Rc(Errno::kBusy);
    if (refused && std::holds_alternative<Register>(op)) Warn(at_register_, &outcome);
    if (refused && std::holds_alternative<Unregister>(op)) Warn(at_unregister_, &outcome);
    return outcome;
  }
  void Observe(View* view) override { reference_->Observe(view); }

 private:
  static void Warn(const std::string& place, Outcome* outcome) {
    if (!place.empty()) outcome->warnings.push_back(place);
  }

  const std::unique_ptr<Subject> reference_ = *MakeSubject("reference");
  const std::string at_register_;
  const std::string at_unregister_;
};

// How the recorded sequence `id` ends for a kernel that warns there.
std::string LineOf(const std::string& id, Kernel kernel) {
  const absl::StatusOr<Recording> recording =
      ReadRecording(RECOUNT_SOURCE_DIR "/corpus/kernel/linux-6.1/written.jsonl");
  EXPECT_TRUE(recording.ok()) << recording.status();
  const absl::StatusOr<Universe> universe = Universe::Derive(*recording, "w.world");
  EXPECT_TRUE(universe.ok()) << universe.status();
  for (const Sequence& sequence : recording->sequences) {
    if (sequence.id != id) continue;
    return Replay(*universe, FindProfile("linux-6.1")->profile, sequence, &kernel).line;
  }
  return "no such sequence";
}

constexpr char kRegister[] = "kernel/trace/ftrace.c:313";
constexpr char kUnregister[] = "kernel/trace/ftrace.c:355";

TEST(Replay, AKernelThatComplainsOfTheSameAgrees) {
  EXPECT_EQ(LineOf("register-twice", Kernel(kRegister, kUnregister)), "agrees (10 steps)");
}

TEST(Replay, AKernelMustComplainWhereTheRecordedOneDid) {
  EXPECT_EQ(LineOf("register-twice", Kernel(kRegister, "")),
            "differs at step 2 (ops 0 unreg): warn kernel=kernel/trace/ftrace.c:355 model=none");
  EXPECT_EQ(LineOf("register-twice", Kernel("kernel/panic.c:313", kUnregister)),
            "differs at step 4 (ops 0 reg): warn kernel=kernel/trace/ftrace.c:313 "
            "model=kernel/panic.c:313");
  EXPECT_EQ(LineOf("register-twice", Kernel("kernel/trace/ftrace.c:345", kUnregister)),
            "agrees (10 steps; warning-on-another-line x1)");
}

TEST(Replay, AKernelMustNotComplainWhereTheRecordedOneDidNot) {
  EXPECT_EQ(LineOf("permanent", Kernel(kRegister, kUnregister)),
            "differs at step 8 (ops 0 reg): warn kernel=none model=kernel/trace/ftrace.c:313");
}

// The rules say what a kernel without the defect does.
TEST(Replay, AKernelWithoutADefectOfTheRecordedOneDeviatesByItsName) {
  EXPECT_EQ(LineOf("ipmodify-reload", Kernel(kRegister, kUnregister)),
            "agrees up to step 6, then deviation ipmodify-reload (insmod tgA)");
}

}  // namespace
}  // namespace recount
