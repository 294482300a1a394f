#include "harness/cli/child.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>

namespace recount {
namespace {

TEST(ChildProcess, OneThatSpinsHangs) {
  Pulse pulse;
  Child child([](const Child::Write&) {
    for (volatile bool on = true; on;) {
    }
  });
  EXPECT_EQ(WaitFor(&child, pulse, 0.2).kind, ChildEnd::kHung);
}

TEST(ChildProcess, OneThatWaitsHangs) {
  Pulse pulse;
  Child child([](const Child::Write&) { ::pause(); });
  EXPECT_EQ(WaitFor(&child, pulse, 0.2).kind, ChildEnd::kHung);
}

TEST(ChildProcess, SaysWhatItHasHadAndWhetherItWaits) {
  Child spins([](const Child::Write& write) {
    while (std::clock() < CLOCKS_PER_SEC / 10) {
    }
    write("spun");
    ::pause();
  });
  while (spins.Drain() && spins.output().empty()) ::usleep(1000);
  while (!spins.use().waits) ::usleep(1000);
  EXPECT_GT(spins.use().processor, 0.02);
  spins.Kill();
  spins.Wait();
}

TEST(ChildProcess, ThatEndsIsDone) {
  Pulse pulse;
  Child child([](const Child::Write& write) { write("done"); });
  EXPECT_EQ(WaitFor(&child, pulse, 10).kind, ChildEnd::kDone);
  EXPECT_EQ(child.output(), "done");
}

}  // namespace
}  // namespace recount
