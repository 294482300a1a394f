// I15: on a View that is right, and with one thing wrong.
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "model/invariants_test_step.h"

namespace recount {
namespace {

// k0's jump is there, on an instruction of core_read; k1 is disabled on one of core_write, and its
// jump is to go; behind an instruction of core_lock there is one that nobody uses.
Step Jumps() {
  Step step;
  View& view = step.after;
  step.profile = FindProfile("early-kprobe")->profile;
  KprobesView& kprobes = view.kprobes;
  const Address read = step.Ip("core_read") + 5;
  const Address write = step.Ip("core_write") + 8;
  kprobes.probes[0] = {.registered = true, .address = read};
  kprobes.probes[1] = {.registered = true, .disabled = true, .address = write};
  kprobes.entry_count = 2;
  kprobes.entries[0] = {.address = write, .aggregate = true, .disabled = true, .count = 1};
  kprobes.entries[0].jump = JumpState::kLeaving;
  kprobes.entries[0].probes = {KprobeId{1}};
  kprobes.entries[1] = {.address = read, .aggregate = true, .count = 1};
  kprobes.entries[1].jump = JumpState::kInstalled;
  kprobes.unused_count = 1;
  kprobes.unused[0] = step.Ip("core_read") + 2 * World::kFunctionStride;
  step.before = view;
  return step;
}

template <typename Change>
std::string Reason(Change change) {
  Step step = Jumps();
  step.Do("disable_kprobe k0");
  change(step);
  return step.Reason("I15");
}

constexpr std::string_view kRead = "the kprobe at 5 bytes from 16777232";

TEST(OptprobeInvariants, HoldOfJumpsThatAreThereAndThatLeave) {
  EXPECT_EQ(Jumps().Broken(), "");
  EXPECT_EQ(Reason([](Step&) {}), "");
}

TEST(OptprobeInvariants, I15AsksWhoHasAJump) {
  const auto reason = [](auto change) {
    const std::string text = Reason([&](Step& s) { change(s.after.kprobes.entries[1]); });
    const std::string_view begin = ": its jump is ";
    const std::size_t at = text.find(begin);
    return at == text.npos ? text : text.substr(at + begin.size());
  };
  EXPECT_EQ(reason([](auto& e) { e.aggregate = false; }),
            "installed, and it is alone, and never prepared");
  EXPECT_EQ(reason([](auto& e) { e.on_ftrace = true; }), "installed, and it is on ftrace");
  EXPECT_EQ(reason([](auto& e) { e.early = true; }), "installed, and it is early");
  EXPECT_EQ(reason([](auto& e) { e.post = true; }),
            "installed, and it is there with a post_handler");
  EXPECT_EQ(reason([](auto& e) { e.gone = true; }), "installed, and it is gone");
  EXPECT_EQ(reason([](auto& e) { e.disabled = true; }), "installed, and it is disabled");
  EXPECT_EQ(reason([](auto& e) { e.jump = JumpState::kLeaving; }), "leaving, and it is on");
  EXPECT_EQ(reason([](auto& e) {
              e.jump = JumpState::kQueued;
              e.address += 7;
            }),
            "queued, and it is where a jump does not fit");
}

TEST(OptprobeInvariants, I15AsksWhatIsUnderAJump) {
  const auto over = [](std::string_view what) {
    return std::string(kRead) + ": its jump is over " + std::string(what);
  };
  EXPECT_EQ(Reason([](Step& s) {
              s.after.kprobes.entries[0].address = s.after.kprobes.entries[1].address + 3;
            }),
            over("the kprobe at 8 bytes from 16777232"));
  EXPECT_EQ(Reason([](Step& s) {
              s.after.kprobes.entries[0].address = s.after.kprobes.entries[1].address + 3;
              s.after.kprobes.entries[0].jump = JumpState::kNone;
            }),
            "");
  EXPECT_EQ(
      Reason([](Step& s) { s.after.kprobes.unused[0] = s.after.kprobes.entries[1].address + 3; }),
      over("that of nobody's"));
}

TEST(OptprobeInvariants, I15AsksWhoIsUnused) {
  const auto reason = [](auto change) { return Reason([&](Step& s) { change(s.after.kprobes); }); };
  EXPECT_EQ(reason([](KprobesView& k) { k.unused_count = 5; }),
            "more jumps of nobody's than there are kprobes");
  EXPECT_EQ(reason([](KprobesView& k) { k.unused_count = 0; }),
            "an address behind those of unused kprobes");
  EXPECT_EQ(reason([](KprobesView& k) {
              k.unused_count = 2;
              k.unused[1] = k.unused[0];
            }),
            "the kprobe at 0 bytes from 16777264: unused, and out of order");
  EXPECT_EQ(reason([](KprobesView& k) { k.unused[0] = k.entries[1].address; }),
            std::string(kRead) + ": unused, and used");
  EXPECT_EQ(reason([](KprobesView& k) { k.unused[0] += 12; }),
            "the kprobe at 12 bytes from 16777264: unused, where a jump does not fit");
}

TEST(OptprobeInvariants, I15KnowsWhenThereAreNoJumpsAndWhenNoneWaits) {
  EXPECT_EQ(Reason([](Step& s) { s.profile = FindProfile("linux-6.1")->profile; }),
            "this profile has no jumps");
  EXPECT_EQ(Reason([](Step& s) { s.after.kprobes.all_disarmed = true; }),
            "a jump, though all kprobes are disarmed");
  EXPECT_EQ(Reason([](Step& s) { s.Do("optimize"); }),
            "a jump waits though the worker has just run");
  EXPECT_EQ(Reason([](Step& s) {
              s.Do("optimize");
              s.after.kprobes.unused[0] = 0;
              s.after.kprobes.unused_count = 0;
              s.after.kprobes.entries[0].jump = JumpState::kNone;
            }),
            "");
}

TEST(OptprobeInvariants, I10KnowsWhereOptimizeIsRefused) {
  Step step;
  step.Do("optimize", Rc(Errno::kInval));
  EXPECT_EQ(step.Reason("I10"), "");
  step.profile = FindProfile("early-kprobe")->profile;
  EXPECT_EQ(step.Reason("I10"), "optimize cannot return -EINVAL");
}

}  // namespace
}  // namespace recount
