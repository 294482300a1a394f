#include "harness/cli/side_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "harness/wire.h"
#include "harness/world_finder.h"
#include "model/check.h"
#include "model/text.h"

namespace recount {
namespace {

constexpr int kWaitMilliseconds = 100;
// Still some thousand times what an operation takes.
constexpr double kImpatience = 0.1;

std::string EndText(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return name == nullptr ? absl::StrCat("signal ", WTERMSIG(status)) : absl::StrCat("SIG", name);
  }
  return absl::StrCat("exit code ", WEXITSTATUS(status));
}

}  // namespace

SideProcess::SideProcess(Side side, double patience, Pulse* pulse)
    : side_(std::move(side)), patience_(patience), pulse_(pulse) {}

SideProcess::~SideProcess() { Stop(); }

void SideProcess::Launch() {
  // A socket, since a write to it can be told not to raise SIGPIPE.
  int ends[2];
  RECOUNT_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  RECOUNT_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it died in between
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_DFL);
    ::dup2(ends[1], STDIN_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    // The ends of other pipes would keep their readers waiting.
    ::close_range(STDERR_FILENO + 1, ~0u, 0);
    side_.serve();
    ::_exit(1);
  }
  ::close(ends[1]);
  fd_ = ends[0];
  worlds_.clear();
  told_patience_ = kServePatience;
  received_.clear();
  taken_ = 0;
  answering_ = false;
}

void SideProcess::Stop() {
  if (pid_ <= 0) return;
  ::close(fd_);
  fd_ = -1;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0) RECOUNT_CHECK(errno == EINTR);
  pid_ = -1;
}

Fate SideProcess::End(Fate fate, std::string how) {
  if (how.empty()) {
    // Its end of the socket is closed, so it has ended, or is about to.
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0) RECOUNT_CHECK(errno == EINTR);
    pid_ = -1;
    ::close(fd_);
    fd_ = -1;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGVTALRM) fate = Fate::kHung;
    how = absl::StrCat("crashed (", EndText(status), ")");
  }
  Stop();
  how_ = fate == Fate::kHung ? "hung" : std::move(how);
  answering_ = false;
  return fate;
}

absl::Status SideProcess::Start() {
  if (pid_ > 0) return absl::OkStatus();
  Launch();
  FrameKind kind;
  std::string_view payload;
  if (Receive(&kind, &payload) != Fate::kReturned) {
    return absl::UnavailableError(
        absl::StrCat(side_.name, " does not start (", how_, "): is it built from this tree?"));
  }
  if (kind == FrameKind::kHello && payload == kServeVersion) return absl::OkStatus();
  Stop();
  return absl::UnavailableError(
      absl::StrCat(side_.name, " speaks another language: it must be built from this tree"));
}

void SideProcess::Send(const std::string& bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const ssize_t size = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return;  // it died: the next Receive() says so
    rest.remove_prefix(static_cast<std::size_t>(size));
  }
}

Fate SideProcess::Receive(FrameKind* kind, std::string_view* payload) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> since;
  while (!TakeFrame(received_, &taken_, kind, payload)) {
    received_.erase(0, std::exchange(taken_, 0));
    pollfd wait{fd_, POLLIN, 0};
    if (::poll(&wait, 1, kWaitMilliseconds) <= 0) {
      pulse_->beat.fetch_add(1, std::memory_order_relaxed);
      const Clock::time_point now = Clock::now();
      if (!since) since = now;
      if (std::chrono::duration<double>(now - *since).count() > patience_) {
        return End(Fate::kHung, "hung");
      }
      continue;
    }
    since.reset();
    char buffer[65536];
    const ssize_t size = ::recv(fd_, buffer, sizeof buffer, 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return End(Fate::kCrashed, "");
    received_.append(buffer, static_cast<std::size_t>(size));
  }
  return Fate::kReturned;
}

void SideProcess::BeImpatient() {
  patience_ /= 3;
  serve_patience_ = kImpatience;
}

void SideProcess::Ask(const Program& program, bool full) {
  Step dropped;
  while (Next(&dropped)) {
  }
  how_.clear();
  full_ = full;
  // When it does not come up, neither does its answer.
  if (!Start().ok()) return;
  std::string question;
  const std::string& name = program.world->name();
  WorldPtr& sent = worlds_[name];
  if (sent != program.world && NamesWorldFile(name)) {
    AppendFrame(FrameKind::kWorld, absl::StrCat(name, "\n", PrintWorld(*program.world)), &question);
  }
  sent = program.world;
  if (told_patience_ != serve_patience_) {
    told_patience_ = serve_patience_;
    const std::string_view seconds(reinterpret_cast<const char*>(&told_patience_),
                                   sizeof told_patience_);
    AppendFrame(FrameKind::kPatience, seconds, &question);
  }
  const Program asked{.world = program.world,
                      .profile = side_.profile != nullptr ? side_.profile : program.profile,
                      .from_boot = program.from_boot,
                      .ops = program.ops};
  AppendFrame(full ? FrameKind::kFull : FrameKind::kBrief, PrintProgram(asked), &question);
  Send(question);
  answering_ = true;
}

bool SideProcess::Next(Step* step) {
  if (!answering_) return false;
  step->outcome = Outcome();
  FrameKind kind;
  std::string_view payload;
  if (const Fate fate = Receive(&kind, &payload); fate != Fate::kReturned) {
    step->outcome.fate = fate;
    return true;
  }
  if (kind == FrameKind::kEnd) return answering_ = false;
  bool whole = kind == FrameKind::kStep;
  if (whole && full_) {
    whole = TakeOutcome(&payload, &step->outcome) &&
            (step->outcome.fate != Fate::kReturned || TakeView(&payload, &step->view));
  } else if (whole) {
    BriefStep brief;
    whole = TakeBriefStep(&payload, &brief);
    step->outcome.fate = brief.fate;
    step->outcome.rc = brief.rc;
    step->digest = brief.digest;
  }
  if (whole && payload.empty()) return true;
  const std::string what = kind == FrameKind::kError ? std::string(payload) : "";
  step->outcome = Outcome();
  step->outcome.fate = End(Fate::kCrashed, absl::StrCat("talks nonsense ", what));
  return true;
}

Retold::Retold(SideProcess* process) : process_(process) {
  // A process that did not even come up.
  if (!process_->Next(&step_)) step_.outcome.fate = Fate::kCrashed;
  start_ = step_.outcome.fate;
}

Outcome Retold::Apply(const Op&) {
  RECOUNT_CHECK(process_->Next(&step_));
  return step_.outcome;
}

void Retold::Observe(View* view) { std::swap(*view, step_.view); }

}  // namespace recount
