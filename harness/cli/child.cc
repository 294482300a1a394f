#include "harness/cli/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

// Keeps what the code that was compiled to count its lines has counted (ci/linux-coverage). Null
// where no code was.
extern "C" void __gcov_dump() __attribute__((weak));  // NOLINT: libgcov's name

namespace recount {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void OnInterrupt(int) { interrupted.store(true); }

void WriteAll(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    done += static_cast<std::size_t>(written);
  }
}

std::string SignalName(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : std::string("SIG") + name;
}

}  // namespace

Child::Child(const std::function<void(const Write& write)>& body) {
  int ends[2];
  RECOUNT_CHECK(::pipe2(ends, O_CLOEXEC) == 0);
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  RECOUNT_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    ::close(ends[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(0);  // it died in between
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_DFL);
    body([fd = ends[1]](const std::string& text) { WriteAll(fd, text); });
    std::fflush(nullptr);
    if (__gcov_dump != nullptr) __gcov_dump();
    // Not exit(): what the parent registered to run at its end is the parent's.
    ::_exit(0);
  }
  ::close(ends[1]);
  fd_ = ends[0];
  ::fcntl(fd_, F_SETFL, O_NONBLOCK);
}

Child::~Child() {
  if (pid_ > 0) {
    Kill();
    Wait();
  }
  ::close(fd_);
}

bool Child::Drain() {
  char buffer[65536];
  for (;;) {
    const ssize_t size = ::read(fd_, buffer, sizeof buffer);
    if (size > 0) {
      output_.append(buffer, static_cast<std::size_t>(size));
    } else if (size == 0) {
      return false;
    } else if (errno != EINTR) {
      return true;
    }
  }
}

void Child::Kill() { ::kill(pid_, SIGKILL); }

ChildEnd Child::Wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0) RECOUNT_CHECK(errno == EINTR);
  pid_ = -1;
  if (WIFSIGNALED(status)) {
    return {ChildEnd::kCrashed, WTERMSIG(status), SignalName(WTERMSIG(status))};
  }
  if (WEXITSTATUS(status) == 0) return {};
  return {ChildEnd::kCrashed, 0, "exit code " + std::to_string(WEXITSTATUS(status))};
}

Child::Use Child::use() const {
  // proc(5): behind the name, which may hold blanks, in parentheses: the state, and as the 11th and
  // 12th field behind it the ticks in user and kernel mode.
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == line.npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  char state = '?';
  fields >> state;
  std::string skipped;
  for (int i = 0; i < 10; ++i) fields >> skipped;
  std::uint64_t user = 0, kernel = 0;
  fields >> user >> kernel;
  static const double kTick = static_cast<double>(::sysconf(_SC_CLK_TCK));
  return {static_cast<double>(user + kernel) / kTick, state != 'R'};
}

void Standstill::Begin(const Child& child) {
  beat_ = 0;
  since_ = Clock::now();
  processor_ = child.use().processor;
}

bool Standstill::Lasts(const Child& child, std::uint64_t beat) {
  const Clock::time_point now = Clock::now();
  if (beat != beat_) {
    beat_ = beat;
    since_ = now;
    processor_ = child.use().processor;
    return false;
  }
  if (std::chrono::duration<double>(now - since_).count() <= patience_) return false;
  const Child::Use use = child.use();
  return use.waits || use.processor - processor_ > patience_ / 2;
}

ChildEnd WaitFor(Child* child, const Pulse& pulse, double patience, const std::atomic<bool>* stop) {
  Standstill standstill(patience);
  standstill.Begin(*child);
  while (child->Drain()) {
    pollfd wait{child->fd(), POLLIN, 0};
    ::poll(&wait, 1, 100);
    const bool hung = standstill.Lasts(*child, pulse.beat.load());
    const bool stopped = stop != nullptr && stop->load();
    if (!hung && !stopped) continue;
    child->Kill();
    child->Drain();
    child->Wait();
    return {hung ? ChildEnd::kHung : ChildEnd::kStopped, 0, ""};
  }
  return child->Wait();
}

const std::atomic<bool>& CatchInterrupts() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  return interrupted;
}

}  // namespace recount
