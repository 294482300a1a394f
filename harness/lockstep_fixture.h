// What the tests of lockstep share: a subject that lies, and the two ways to run it.
#ifndef RECOUNT_HARNESS_LOCKSTEP_FIXTURE_H_
#define RECOUNT_HARNESS_LOCKSTEP_FIXTURE_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "harness/lockstep.h"
#include "impl/roster.h"
#include "model/text.h"

namespace recount {

inline Program Parse(std::string_view lines) {
  return ParseProgram("world small\nprofile linux-6.1\n" + std::string(lines)).value();
}

inline constexpr std::string_view kReload =
    "load alpha @0\n"
    "filter o0 alpha_read\n"
    "register o0\n"
    "hit alpha_read\n"
    "unload alpha\n"
    "unload alpha\n";

// The reference, lying from operation `from` on.
class Liar : public Subject {
 public:
  std::size_t from = 0;
  std::function<void(Outcome*)> outcome = [](Outcome*) {};
  std::function<void(View*)> view = [](View*) {};
  bool from_the_start = false;
  Limits limited;
  int observed = 0;

  std::string_view name() const override { return "liar"; }
  Limits limits() const override { return limited; }
  void Reset(WorldPtr world, const Profile& profile) override {
    inner_->Reset(std::move(world), profile);
    applied_ = 0;
  }
  Outcome Apply(const Op& op) override {
    Outcome answer = inner_->Apply(op);
    if (applied_++ == from) outcome(&answer);
    return answer;
  }
  void Observe(View* seen) override {
    ++observed;
    inner_->Observe(seen);
    if (applied_ > from || from_the_start) view(seen);
  }

 private:
  std::unique_ptr<Subject> inner_ = MakeSubject("reference").value();
  std::size_t applied_ = 0;
};

class LockstepTest : public ::testing::Test {
 protected:
  RunResult Run() { return Lockstep(oracle_.get(), &liar_).Run(program_); }
  std::string Signature() { return Lockstep(oracle_.get(), &liar_).Failure(program_); }

  std::unique_ptr<Subject> oracle_ = MakeSubject("reference").value();
  Liar liar_;
  Program program_ = Parse(kReload);
};

class PeersTest : public ::testing::Test {
 protected:
  RunResult Run() {
    Lockstep lockstep(&left_, &right_, Lockstep::Between::kPeers);
    lockstep.Mask(masked_right_);
    lockstep.MaskLeft(masked_left_);
    return lockstep.Run(program_);
  }
  std::string Signature() {
    Lockstep lockstep(&left_, &right_, Lockstep::Between::kPeers);
    return lockstep.Failure(program_);
  }
  static void Die(Liar* liar, std::size_t at, Fate fate) {
    liar->from = at;
    liar->outcome = [fate](Outcome* o) { o->fate = fate; };
  }

  Liar left_, right_;
  std::vector<const KnownDefect*> masked_left_, masked_right_;
  Program program_ = Parse(kReload);
};

// A defect that puts a return value right, and nothing else.
inline constexpr KnownDefect kLie = {"lie", "", "",
                                     [](const DivergingStep& step, View*, Outcome* actual) {
                                       actual->rc = step.expected.rc;
                                       return true;
                                     }};

}  // namespace recount

#endif  // RECOUNT_HARNESS_LOCKSTEP_FIXTURE_H_
