// A side at work: the process that serves it (serve.h), seen from the harness. It is started when
// it is needed, and again after it died; that it died or hung is something it answered.
#ifndef RECOUNT_HARNESS_CLI_SIDE_PROCESS_H_
#define RECOUNT_HARNESS_CLI_SIDE_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "harness/cli/child.h"
#include "harness/cli/serve.h"
#include "harness/cli/side.h"
#include "model/outcome.h"
#include "model/program.h"
#include "model/subject.h"
#include "model/view.h"

namespace recount {

class SideProcess {
 public:
  // A process that says nothing for `patience` seconds hangs. `pulse`, which must outlive this,
  // beats while it is waited for.
  SideProcess(Side side, double patience, Pulse* pulse);
  ~SideProcess();
  SideProcess(const SideProcess&) = delete;
  SideProcess& operator=(const SideProcess&) = delete;

  const Side& side() const { return side_; }
  // Error: Unavailable, when it does not come up or was built from another tree.
  absl::Status Start();

  // From the next question on: what sleeps or runs in circles is given up sooner.
  void BeImpatient();

  // Has `program` played from the start, under the side's profile. What is left of the answer to
  // the one before is dropped.
  void Ask(const Program& program, bool full);

  // The next step of the answer: how things stand at the start, then after each operation. A step
  // with another fate than kReturned is the last.
  struct Step {
    Outcome outcome;           // in brief: fate and rc
    std::uint64_t digest = 0;  // in brief
    View view;                 // in full, when it returned
  };
  // False after the last one.
  bool Next(Step* step);
  // The process ended in the answer. In brief its last steps may then not have been told.
  bool ended() const { return !how_.empty(); }
  // How: "crashed (SIGSEGV)", "hung".
  const std::string& how() const { return how_; }

 private:
  void Launch();
  void Stop();
  // The end of the process, found by reading from it: notes how.
  Fate End(Fate fate, std::string how);
  void Send(const std::string& bytes);
  // The next frame. Another fate than kReturned: there is none, the process has ended.
  Fate Receive(FrameKind* kind, std::string_view* payload);

  const Side side_;
  double patience_;
  double serve_patience_ = kServePatience;
  Pulse* const pulse_;
  pid_t pid_ = -1;
  int fd_ = -1;
  std::map<std::string, WorldPtr> worlds_;  // sent to this process
  double told_patience_ = kServePatience;   // to this process
  std::string received_;
  std::size_t taken_ = 0;  // of received_
  bool answering_ = false;
  bool full_ = false;
  std::string how_;
};

// Plays back, as a Subject, what `process` was asked to tell in full. Lockstep::Run() of the same
// Program drives it, once.
class Retold final : public Subject {
 public:
  // Takes the step of the start. REQUIRES: process->Ask(program, /*full=*/true).
  explicit Retold(SideProcess* process);
  // How the start went, which is no operation.
  Fate start() const { return start_; }

  std::string_view name() const override { return process_->side().name; }
  void Reset(WorldPtr, const Profile&) override {}
  Outcome Apply(const Op& op) override;
  void Observe(View* view) override;

 private:
  SideProcess* process_;
  SideProcess::Step step_;
  Fate start_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_SIDE_PROCESS_H_
