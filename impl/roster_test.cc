#include "impl/roster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace recount {
namespace {

std::string ErrorOf(std::string_view name) {
  return std::string(MakeSubject(name).status().message());
}

TEST(Roster, EveryNameMakesASubjectOfThatName) {
  for (const std::string& name : SubjectNames()) {
    const auto subject = MakeSubject(name);
    ASSERT_TRUE(subject.ok()) << name;
#ifndef RECOUNT_NO_BUGS
    EXPECT_EQ((*subject)->name(), name);
#endif
  }
}

TEST(Roster, AnUnknownSubjectIsToldWhatThereIs) {
  EXPECT_EQ(ErrorOf("slow"), "unknown subject 'slow' (there are: reference, fast, fast+bug:ID)");
}

TEST(Roster, AnUnknownBugIsToldTheNearest) {
  EXPECT_THAT(
      ErrorOf("fast+bug:reload-refcont-lost"),
      testing::StartsWith("unknown bug 'reload-refcont-lost' (nearest: reload-refcount-lost,"));
  EXPECT_THAT(ErrorOf("fast+bug:wrong-cnt"), testing::HasSubstr("(nearest: reload-wrong-cnt-var,"));
}

}  // namespace
}  // namespace recount
