// Known defects of kprobes, beyond what their own programs show.
#include <gtest/gtest.h>

#include <string>

#include "harness/known/known.h"
#include "harness/known/known_fixture.h"

namespace recount {
namespace {

constexpr Site kBroken{SiteKind::kTrampoline, OpsId{0xff}};

// k0 is at gamma_gap, where alpha_read is now; nobody told kprobes that gamma went.
std::string LeftBehind(const std::string& probe) {
  return "load gamma @0\nnotifier n0 module 1\nscript n0 going bad\n" + probe +
         "\nunload gamma\nload alpha @0\nregister o0\n";
}

TEST(Known, AKprobeThatWasLeftWritesOnlyWhereItIs) {
  const KnownDefect& defect = Defect("kprobe-left-writes-text");
  const auto is_explained = [&defect](const std::string& ops, const char* where) {
    KnownStep step = LastStepOfText(ops);
    step.Record(where).site = kBroken;
    return step.IsExplainedBy(defect);
  };
  const std::string left = LeftBehind("kprobe k0 gamma_gap");
  EXPECT_TRUE(is_explained(left + "disable_kprobe k0\n", "alpha_read"));
  EXPECT_TRUE(is_explained(left + "kprobes_armed 0\n", "alpha_read"));
  EXPECT_FALSE(is_explained(left + "disable_kprobe k0\n", "alpha_open"));
  // Who neither arms nor disarms writes nothing.
  EXPECT_FALSE(is_explained(left + "register o1\n", "alpha_read"));
  // On ftrace it is no breakpoint, and one that is gone is left alone.
  EXPECT_FALSE(
      is_explained(LeftBehind("kprobe k0 gamma_open") + "disable_kprobe k0\n", "alpha_open"));
  const std::string gone = "load gamma @0\nkprobe k0 gamma_gap\nunload gamma\nload alpha @0\n";
  EXPECT_FALSE(is_explained(gone + "register o0\nunkprobe k0\n", "alpha_read"));
}

// What was not taken out of the filter of kp stays there; the other that was has lost what it
// wanted.
TEST(Known, TheLastKprobeMayStayInItsFilter) {
  KnownStep step = LastStepOfText(
      "register o0\nkprobe k0 core_setup\nkprobe k1 core_read\nfault hash_copy 2\n"
      "kprobes_armed 0\n");
  ASSERT_FALSE(step.after.kprobes.ops[0].registered);
  ASSERT_EQ(step.after.kprobes.ops[0].filter.size(), 1u);
  KnownStep stale = step;
  stale.Record("core_read").flags |= kRegs | kRegsEn;
  EXPECT_TRUE(stale.IsExplainedBy(Defect("stale-regs")));
  EXPECT_FALSE(stale.IsExplainedBy(Defect("kprobe-armed-not-kept")));
  // That one was counted down with its ops, which clears the bit.
  KnownStep other = step;
  other.Record("core_setup").flags |= kRegs | kRegsEn;
  EXPECT_FALSE(other.IsExplainedBy(Defect("stale-regs")));
}

bool IsHidden(const std::string& ops, const char* defect) {
  const KnownDefect* const defects[] = {&Defect("stale-regs"), &Defect(defect)};
  return HiddenIn(defects, LastStepOfText(ops).Diverging()) == defects[1];
}

TEST(Known, AKprobeThatWasLeftHidesWhatItWritesWhereNoRecordIsYet) {
  const std::string left =
      "load gamma @0\nnotifier n0 module 1\nscript n0 going bad\nkprobe k0 gamma_gap\n"
      "unload gamma\n";
  const auto hides = [](const std::string& ops) {
    return IsHidden(ops, "kprobe-left-writes-text");
  };
  const std::string laid = left + "load_begin alpha @0\n";
  EXPECT_TRUE(hides(laid + "unkprobe k0\n"));
  EXPECT_TRUE(hides(laid + "disable_kprobe k0\n"));
  EXPECT_TRUE(hides(laid + "kprobes_armed 0\n"));
  EXPECT_FALSE(hides(laid + "filter o0 -\n"));
  EXPECT_FALSE(hides(laid + "unkprobe k1\n"));
  EXPECT_FALSE(hides(laid + "enable_kprobe k0\n"));
  // No call site is there, or it shows; or no text at all.
  EXPECT_FALSE(hides(left + "load_begin gamma @0\nunkprobe k0\n"));
  EXPECT_FALSE(hides(left + "load_begin alpha @1\nunkprobe k0\n"));
  EXPECT_FALSE(hides(left + "load alpha @0\nunkprobe k0\n"));
  EXPECT_FALSE(hides(left + "unkprobe k0\n"));
}

TEST(Known, AKprobeIsKilledInCodeThatStaysOnlyWhereComingIsRolledBack) {
  const auto hides = [](const std::string& script, const std::string& probe) {
    const std::string ops =
        "notifier n0 module 0\nscript n0 coming " + script +
        "\nload_begin gamma @0\nload_step gamma\nload_step gamma\nload_step gamma\n"
        "load_step gamma\nload_step gamma\n" +
        probe + "load_step gamma\nload_step gamma\n";
    return IsHidden(ops, "kprobe-killed-keeps-breakpoint");
  };
  EXPECT_TRUE(hides("stop", "kprobe k0 gamma_gap\n"));
  // The module goes; nothing is stopped; ftrace's site is its own; nobody is there.
  EXPECT_FALSE(hides("bad", "kprobe k0 gamma_gap\n"));
  EXPECT_FALSE(hides("ok", "kprobe k0 gamma_gap\n"));
  EXPECT_FALSE(hides("stop", "kprobe k0 gamma_open\n"));
  // No breakpoint is there.
  EXPECT_FALSE(hides("stop", "kprobe k0 gamma_gap disabled\n"));
  EXPECT_FALSE(hides("stop", "kprobe k0 gamma_gap\nkprobes_armed 0\n"));
  EXPECT_FALSE(hides("stop", ""));
}

TEST(Known, AKprobeThatIsHeldThoughDisarmedMayHaveTakenAFault) {
  const auto hides = [](const std::string& ops) { return IsHidden(ops, "kprobe-armed-not-kept"); };
  const std::string half =
      "load alpha @0\nkprobe k0 alpha_open\nfault hash_copy 1\nunkprobe k0\n"
      "kprobe k1 core_setup\n";
  EXPECT_TRUE(hides(half + "unload alpha\n"));
  EXPECT_TRUE(hides(half + "kprobes_armed 0\n"));
  EXPECT_FALSE(hides(half + "load beta @2\n"));
  EXPECT_FALSE(hides("load alpha @0\nkprobe k0 alpha_open\nkprobe k1 core_setup\nunload alpha\n"));
  EXPECT_FALSE(hides("kprobe k0 core_read\nkprobe k1 core_setup\nkprobes_armed 0\n"));
  // A dead ftrace takes nothing out, and no fault.
  EXPECT_FALSE(
      hides("load alpha @0\nkprobe k0 alpha_open\nfault verify 1\nregister o0\n"
            "unload alpha\n"));
}

}  // namespace
}  // namespace recount
