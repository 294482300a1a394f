#include "harness/cli/serve.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/wire.h"
#include "model/check.h"
#include "model/program.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr std::size_t kHeader = sizeof(FrameKind) + sizeof(std::uint32_t);
// Brief steps go out this many bytes at a time: seldom, but a reader sees that there is life.
constexpr std::size_t kBriefBatch = 1024;

// Time of a processor, so that a machine with much to do is not taken for a hang.
void GiveTime(double seconds) {
  itimerval timer = {};
  double whole = 0;
  const double part = std::modf(seconds, &whole);
  timer.it_value = {static_cast<time_t>(whole), static_cast<suseconds_t>(part * 1e6)};
  ::setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

class Server {
 public:
  Server(Subject* subject, int in, int out) : subject_(subject), in_(in), out_(out) {}

  void Run() {
    AppendFrame(FrameKind::kHello, kServeVersion, &answer_);
    FrameKind kind;
    std::string_view payload;
    while (Flush() && Ask(&kind, &payload)) {
      switch (kind) {
        case FrameKind::kWorld:
          KeepWorld(payload);
          break;
        case FrameKind::kPatience:
          if (payload.size() == sizeof patience_) {
            std::memcpy(&patience_, payload.data(), sizeof patience_);
          }
          break;
        case FrameKind::kBrief:
        case FrameKind::kFull:
          Play(payload, kind == FrameKind::kFull);
          break;
        default:
          Complain("a question of no known kind");
      }
    }
  }

 private:
  // The next question. False when there is none any more.
  bool Ask(FrameKind* kind, std::string_view* payload) {
    questions_.erase(0, std::exchange(asked_, 0));
    while (!TakeFrame(questions_, &asked_, kind, payload)) {
      char buffer[65536];
      const ssize_t size = ::read(in_, buffer, sizeof buffer);
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return false;
      questions_.append(buffer, static_cast<std::size_t>(size));
    }
    return true;
  }

  bool Flush() {
    std::string_view rest = answer_;
    while (!rest.empty()) {
      const ssize_t size = ::write(out_, rest.data(), rest.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) return false;
      rest.remove_prefix(static_cast<std::size_t>(size));
    }
    answer_.clear();
    return true;
  }

  void Complain(std::string_view what) { AppendFrame(FrameKind::kError, what, &answer_); }

  void KeepWorld(std::string_view payload) {
    const std::size_t name_end = payload.find('\n');
    if (name_end == payload.npos) return Complain("a world without a name");
    const std::string name(payload.substr(0, name_end));
    absl::StatusOr<WorldPtr> world = ParseWorld(payload.substr(name_end + 1), name);
    if (!world.ok()) return Complain(std::string(world.status().message()));
    worlds_[name] = *std::move(world);
  }

  void Play(std::string_view text, bool full) {
    const absl::StatusOr<Program> program =
        ParseProgram(text, [this](std::string_view name) -> absl::StatusOr<WorldPtr> {
          const auto kept = worlds_.find(name);
          return kept != worlds_.end() ? kept->second : BuiltinWorld(name);
        });
    if (!program.ok()) return Complain(std::string(program.status().message()));
    GiveTime(patience_);
    subject_->Reset(program->world, program->Rules());
    Tell(Outcome(), full);
    for (const Op& op : program->ops) {
      GiveTime(patience_);
      const Outcome outcome = subject_->Apply(op);
      Tell(outcome, full);
      if (outcome.fate != Fate::kReturned) break;
    }
    GiveTime(0);
    AppendFrame(FrameKind::kEnd, "", &answer_);
  }

  void Tell(const Outcome& outcome, bool full) {
    step_.clear();
    AppendOutcome(outcome, &step_);
    if (outcome.fate == Fate::kReturned) {
      subject_->Observe(&view_);
      AppendView(view_, &step_);
    }
    if (full) {
      // At once: the next operation may be the one that does not come back.
      AppendFrame(FrameKind::kStep, step_, &answer_);
      Flush();
      return;
    }
    brief_.clear();
    AppendBriefStep({outcome.fate, outcome.rc, Digest(step_)}, &brief_);
    AppendFrame(FrameKind::kStep, brief_, &answer_);
    if (answer_.size() >= kBriefBatch) Flush();
  }

  Subject* subject_;
  int in_;
  int out_;
  double patience_ = kServePatience;
  std::map<std::string, WorldPtr, std::less<>> worlds_;
  std::string questions_;
  std::size_t asked_ = 0;  // of questions_, what has been answered
  std::string answer_, step_, brief_;
  View view_;
};

}  // namespace

void AppendBriefStep(const BriefStep& step, std::string* bytes) {
  char packed[sizeof step.fate + sizeof step.rc + sizeof step.digest];
  std::memcpy(packed, &step.fate, sizeof step.fate);
  std::memcpy(packed + sizeof step.fate, &step.rc, sizeof step.rc);
  std::memcpy(packed + sizeof step.fate + sizeof step.rc, &step.digest, sizeof step.digest);
  bytes->append(packed, sizeof packed);
}

bool TakeBriefStep(std::string_view* bytes, BriefStep* step) {
  constexpr std::size_t kSize = sizeof step->fate + sizeof step->rc + sizeof step->digest;
  if (bytes->size() < kSize) return false;
  std::memcpy(&step->fate, bytes->data(), sizeof step->fate);
  std::memcpy(&step->rc, bytes->data() + sizeof step->fate, sizeof step->rc);
  std::memcpy(&step->digest, bytes->data() + sizeof step->fate + sizeof step->rc,
              sizeof step->digest);
  bytes->remove_prefix(kSize);
  return step->fate <= Fate::kHung;
}

void AppendFrame(FrameKind kind, std::string_view payload, std::string* bytes) {
  const std::uint32_t size = static_cast<std::uint32_t>(payload.size());
  char header[kHeader];
  header[0] = static_cast<char>(kind);
  std::memcpy(header + sizeof kind, &size, sizeof size);
  bytes->append(header, sizeof header);
  bytes->append(payload);
}

bool TakeFrame(std::string_view bytes, std::size_t* at, FrameKind* kind,
               std::string_view* payload) {
  const std::string_view rest = bytes.substr(*at);
  if (rest.size() < kHeader) return false;
  std::uint32_t size = 0;
  std::memcpy(&size, rest.data() + sizeof *kind, sizeof size);
  if (rest.size() - kHeader < size) return false;
  *kind = static_cast<FrameKind>(rest[0]);
  *payload = rest.substr(kHeader, size);
  *at += kHeader + size;
  return true;
}

void Serve(Subject* subject, int in, int out) {
  // What is printed in here by whomever must not come between the frames.
  constexpr int kFirstFree = 3;
  in = ::fcntl(in, F_DUPFD_CLOEXEC, kFirstFree);
  out = ::fcntl(out, F_DUPFD_CLOEXEC, kFirstFree);
  const int nowhere = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  RECOUNT_CHECK(in >= 0 && out >= 0 && nowhere >= 0);
  ::dup2(nowhere, STDIN_FILENO);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  ::close(nowhere);
  ::signal(SIGVTALRM, SIG_DFL);
  Server(subject, in, out).Run();
  ::close(in);
  ::close(out);
}

}  // namespace recount
