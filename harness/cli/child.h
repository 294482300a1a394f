// Child processes: a subject may crash or hang, and the search must live to tell.
//
// A child shares a page with its parent in which it says what it is doing; when it dies, the parent
// reads there what it died of. What the child has to say in words goes through a pipe.
#ifndef RECOUNT_HARNESS_CLI_CHILD_H_
#define RECOUNT_HARNESS_CLI_CHILD_H_

#include <sys/mman.h>
#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <string>

#include "model/check.h"

namespace recount {

// A T that parent and children see alike. T holds atomics only.
template <typename T>
class SharedPage {
 public:
  SharedPage() {
    void* memory =
        ::mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    RECOUNT_CHECK(memory != MAP_FAILED);
    value_ = new (memory) T();
  }
  ~SharedPage() { ::munmap(value_, sizeof(T)); }
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  T* get() const { return value_; }
  T* operator->() const { return value_; }

 private:
  T* value_;
};

// Where a lockstep run stands.
struct Pulse {
  enum Side : std::uint32_t { kHarness, kOracle, kSubject };
  std::atomic<std::uint64_t> beat{0};     // calls of a subject so far: a pulse that stops is a hang
  std::atomic<std::uint64_t> applied{0};  // the operation under way, from 1; 0: none yet
  std::atomic<std::uint32_t> side{kHarness};  // whose code runs
};

// How a child ended.
struct ChildEnd {
  enum Kind { kDone, kCrashed, kHung, kStopped };
  Kind kind = kDone;
  int signal = 0;   // kCrashed: 0 when it left by itself, as after a sanitizer's report
  std::string how;  // kCrashed: "SIGSEGV", "exit code 1"
};

class Child {
 public:
  // Runs `body` in a new process, to which it must return: any other end is a crash. `write` takes
  // text for the parent. Open streams are flushed first. Dies with its parent, and ignores an
  // interrupt from the terminal (the parent decides).
  using Write = std::function<void(const std::string&)>;
  explicit Child(const std::function<void(const Write& write)>& body);
  // Kills it when it still runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Readable when there is output, and at the end.
  int fd() const { return fd_; }
  // Reads what there is, without waiting; false once the child has ended.
  bool Drain();
  const std::string& output() const { return output_; }
  void Kill();
  // REQUIRES: Drain() was false, or Kill() was called.
  ChildEnd Wait();

  struct Use {
    double processor = 0;  // seconds it has had so far
    bool waits = false;    // for anything but a processor
  };
  Use use() const;

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  std::string output_;
};

// Tells a child that hangs from one that a busy machine keeps from running: a hang waits for
// something, or has had half of `patience` on a processor.
class Standstill {
 public:
  explicit Standstill(double patience) : patience_(patience) {}
  void Begin(const Child& child);
  // True when `beat` has not changed for `patience` seconds.
  bool Lasts(const Child& child, std::uint64_t beat);

 private:
  using Clock = std::chrono::steady_clock;
  double patience_;
  std::uint64_t beat_ = 0;
  Clock::time_point since_;
  double processor_ = 0;  // what it had had then
};

// Waits for `child` to its end, or kills it when `pulse` stands still for `patience` seconds
// (kHung, see Standstill) or `*stop` is set (kStopped).
ChildEnd WaitFor(Child* child, const Pulse& pulse, double patience,
                 const std::atomic<bool>* stop = nullptr);

// Interrupts: SIGINT and SIGTERM set the flag, once asked for.
const std::atomic<bool>& CatchInterrupts();

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_CHILD_H_
