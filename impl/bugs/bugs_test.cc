#include "impl/bugs/bugs.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

#include "model/profile.h"

namespace recount {
namespace {

TEST(Bugs, IdsAreUniqueAndFoundAgain) {
  std::set<std::string_view> ids;
  for (const BugInfo& info : Bugs()) {
    EXPECT_TRUE(ids.insert(info.id).second) << info.id;
    ASSERT_NE(FindBug(info.id), nullptr) << info.id;
    EXPECT_EQ(FindBug(info.id)->bug, info.bug);
  }
  EXPECT_EQ(FindBug("no-such-bug"), nullptr);
}

TEST(Bugs, EachNamesAProfileAnOriginAndWhatGoesWrong) {
  for (const BugInfo& info : Bugs()) {
    EXPECT_NE(FindProfile(info.profile), nullptr) << info.id;
    EXPECT_FALSE(info.origin.empty()) << info.id;
    EXPECT_FALSE(info.title.empty()) << info.id;
  }
}

TEST(Bugs, ASetHasWhatWasPutInAndNothingElse) {
  const BugInfo& first = Bugs().front();
  const BugInfo& last = Bugs().back();
  EXPECT_FALSE(BugSet().has(first.bug));
#ifdef RECOUNT_NO_BUGS
  EXPECT_FALSE(BugSet(last.bug).has(last.bug));
#else
  EXPECT_TRUE(BugSet(last.bug).has(last.bug));
#endif
  EXPECT_FALSE(BugSet(last.bug).has(first.bug));
}

}  // namespace
}  // namespace recount
