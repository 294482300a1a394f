#include "model/reference/faults.h"

#include <gtest/gtest.h>

#include "model/reference/test_session.h"

namespace recount::reference {
namespace {

TEST(Faults, TheNthPassingFailsOnce) {
  TestSession s;
  s.Do(
      "fault hash_copy 3       -> 0\n"
      "filter o0 core_read     -> 0\n"
      "filter o0 core_read     -> 0\n"
      "filter o0 core_read     -> -ENOMEM\n"
      "filter o0 core_read     -> 0\n");
}

TEST(Faults, ArmingAnewReplacesWhatWasArmed) {
  TestSession s;
  s.Do(
      "fault hash_copy 2\nfilter o0 core_read\nfault hash_copy 2\n"
      "filter o0 core_read     -> 0\n"
      "filter o0 core_read     -> -ENOMEM\n");
}

TEST(Faults, PointsAreCountedApart) {
  TestSession s;
  s.Do(
      "fault hash_move 1\nfault hash_copy 1\n"
      "filter o0 core_read     -> -ENOMEM\n"  // copy
      "filter o0 core_read     -> -ENOMEM\n"  // move
      "filter o0 core_read     -> 0\n");
}

TEST(Faults, AStagePassesAlsoWhenTheOperationAsksForTheFailure) {
  TestSession s;
  s.Do(
      "fault stage 2\n"
      "load_begin alpha @0 fail -> -ENOEXEC\n"
      "load_begin alpha @0      -> -ENOEXEC\n"  // the second passing
      "load_begin alpha @0      -> 0\n");
}

TEST(Faults, TheOperationsErrnoWinsThenTheFaultsThenTheStages) {
  TestSession s;
  s.Do(
      "fault stage 1 EBUSY\nload alpha @0 fail=layout:EPERM -> -EPERM\n"
      "fault stage 1 EBUSY\nload alpha @0 fail=layout       -> -EBUSY\n"
      "fault stage 1 EBUSY\nload alpha @0                   -> -EBUSY\n"
      "fault stage 1\nload alpha @0 fail=layout             -> -ENOEXEC\n"
      "fault stage 1\nload alpha @0                         -> -ENOEXEC\n"
      "load alpha @0                                        -> 0\n");
}

TEST(Faults, ElevenStagesOfALoadAreCounted) {
  // layout percpu symbols args formation coming params sysfs elf init_alloc init
  TestSession s;
  s.Do(
      "fault stage 11\nload alpha @0 -> -EIO\n"
      "fault stage 12\nload alpha @0 -> 0\n"
      "load beta @3                  -> -ENOEXEC\n");
}

TEST(Faults, AnErrnoOfAnotherPointIsNotLookedAt) {
  State state = InitialState(BuiltinWorld("small").value(), {});
  Step(state, Fault{.point = FaultPoint::kHashCopy, .nth = 1, .error = Errno::kPerm});
  const Outcome outcome = Step(state, SetFilter{});
  EXPECT_EQ(outcome.rc, Rc(Errno::kNoMem));
}

}  // namespace
}  // namespace recount::reference
