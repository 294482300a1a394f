// Running a Program that may take the process with it.
#ifndef RECOUNT_HARNESS_CLI_JUDGE_H_
#define RECOUNT_HARNESS_CLI_JUDGE_H_

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/cli/child.h"
#include "harness/cli/finder.h"
#include "harness/finding.h"
#include "harness/lockstep.h"
#include "harness/shrink/shrink.h"
#include "model/program.h"
#include "model/subject.h"

namespace recount {

using SubjectFactory = std::function<std::unique_ptr<Subject>()>;

// Seconds without any progress after which an operation counts as hung.
inline constexpr double kPatience = 10.0;

// Forwards to a Subject and keeps a Pulse while it works.
class WatchedSubject final : public Subject {
 public:
  // `pulse` must outlive this.
  WatchedSubject(std::unique_ptr<Subject> subject, Pulse::Side side, Pulse* pulse)
      : subject_(std::move(subject)), side_(side), pulse_(pulse) {}

  std::string_view name() const override { return subject_->name(); }
  Limits limits() const override { return subject_->limits(); }
  bool Follows(const Profile& rules) const override { return subject_->Follows(rules); }
  bool IsHeldTo(const Profile& rules) const override { return subject_->IsHeldTo(rules); }
  void Reset(WorldPtr world, const Profile& profile) override;
  Outcome Apply(const Op& op) override;
  void Observe(View* view) override;

 private:
  std::unique_ptr<Subject> subject_;
  Pulse::Side side_;
  Pulse* pulse_;
};

// Runs Programs one after the other, from the process it was made in.
class Trial {
 public:
  virtual ~Trial() = default;
  // As Lockstep::Run().
  virtual RunResult Run(const Program& program) = 0;
  // Makes program `number` and runs it, as Finder::Run().
  virtual std::optional<RunResult> Find(Finder* finder, std::uint64_t number,
                                        const std::atomic<bool>* stop, Program* program) = 0;
  // Many of the programs to come will hang: so what takes long is given up sooner.
  virtual void ExpectHangs() {}
};
using TrialFactory = std::function<std::unique_ptr<Trial>(Pulse*)>;

// Oracle and subject of one process, with their lockstep.
class LockstepPair final : public Trial {
 public:
  LockstepPair(const SubjectFactory& oracle, const SubjectFactory& subject, Pulse* pulse,
               const std::vector<const KnownDefect*>& masked = {});
  Lockstep* lockstep() { return &lockstep_; }
  RunResult Run(const Program& program) override { return lockstep_.Run(program); }
  std::optional<RunResult> Find(Finder* finder, std::uint64_t number, const std::atomic<bool>* stop,
                                Program* program) override {
    return finder->Run(number, &lockstep_, stop, program);
  }

 private:
  WatchedSubject oracle_;
  WatchedSubject subject_;
  Lockstep lockstep_;
};

class Judge {
 public:
  Judge(SubjectFactory oracle, SubjectFactory subject, double patience = kPatience);
  // Of two peers, which `trial` compares in processes of their own: it lives on when one dies.
  // `guide` makes the programs.
  struct Peers {
    std::string left, right;  // what they are called
    TrialFactory trial;
    Limits limits;  // of both together
  };
  Judge(SubjectFactory guide, Peers peers, double patience = kPatience);

  // As Lockstep::Mask(), from now on.
  void Mask(std::vector<const KnownDefect*> known) { masked_ = std::move(known); }

  // As Lockstep::Run(), in a child. A crash of the subject is a Divergence in "outcome.fate"; a
  // hang, a crash of the oracle and a set `*stop` are kUnknown.
  RunResult Run(const Program& program, const std::atomic<bool>* stop = nullptr);

  // `end` is how a child ended that ran `program` under `pulse`, not well. What that means.
  RunResult Explain(const Program& program, const ChildEnd& end, const Pulse& pulse) const;

  // Shrinks, in a child, a Program that Run() said kDiverge of; `*stop` ends it early. `keep` is
  // called there with the best so far, at most once a second.
  struct Minimal {
    Program program;
    std::uint64_t tries = 0;
    bool finished = false;
    std::vector<std::string> others;  // signatures of another class met on the way
  };
  Minimal Shrink(const Program& program, const ShrinkLimits& limits,
                 const std::atomic<bool>* stop = nullptr,
                 const std::function<void(const Program&)>& keep = {});

  // Of a Program that Run() said `result` of, not kAgree: shrinks it, and runs what is left; when
  // that agrees the subject is not deterministic, and the verdict is kUnknown. The words on where
  // it came from are the caller's.
  Finding MakeFinding(const Program& program, RunResult result, const ShrinkLimits& limits,
                      const std::atomic<bool>* stop = nullptr,
                      const std::function<void(const Program&)>& keep = {});

  // A Trial made in this process, which keeps `pulse` while it works.
  std::unique_ptr<Trial> MakeTrial(Pulse* pulse) const;
  // What was run on what, for a Finding.
  void Name(Provenance* provenance) const;

  // In a sentence: "fast", "linux:6.1 or linux:6.12".
  const std::string& subject_name() const { return subject_name_; }
  const Limits& limits() const { return limits_; }  // of what is judged
  bool peers() const { return peers_.trial != nullptr; }
  const SubjectFactory& oracle() const { return oracle_; }
  const SubjectFactory& subject() const { return subject_; }  // null between peers
  const std::vector<const KnownDefect*>& masked() const { return masked_; }

 private:
  std::string Failure(const Program& program);

  SubjectFactory oracle_;
  SubjectFactory subject_;
  Peers peers_;
  std::vector<const KnownDefect*> masked_;
  double patience_;
  std::string subject_name_;
  Limits limits_;
};

// `program` without what comes behind the operation that differs.
Program UpTo(Program program, const Divergence& divergence);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_JUDGE_H_
