// For tests: random programs on kprobes, in world small.
//
// Few functions, so that probes meet at an address, slots that overlap, so that other code comes to
// where a probe was, and all that shares a site or a fault point with kprobes.
#ifndef RECOUNT_IMPL_LINUX_KPROBE_PROGRAMS_H_
#define RECOUNT_IMPL_LINUX_KPROBE_PROGRAMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace recount::linux_test {

class KprobePrograms {
 public:
  explicit KprobePrograms(std::uint64_t seed) : state_(seed * 2 + 1) {}

  std::string Next(int length) {
    std::string ops;
    // Faults in every second program only: behind one there is little that is new.
    const bool faults = Pick(2) == 0;
    while (length-- > 0) ops += Op(faults) + "\n";
    return ops;
  }

 private:
  std::uint32_t Pick(std::uint32_t n) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::uint32_t>(state_ >> 33) % n;
  }
  std::string Number(std::uint32_t n, std::uint32_t from = 0) {
    return std::to_string(from + Pick(n));
  }
  template <std::size_t kSize>
  std::string One(const std::array<const char*, kSize>& of) {
    return of[Pick(kSize)];
  }
  std::string Function() {
    return One(std::array{"probe", "probe", "core_setup", "core_lock", "core_old", "alpha_open",
                          "alpha_read", "beta_open", "beta_init", "gamma_gap", "delta_lock",
                          "alpha_open"});
  }
  std::string Module() { return One(std::array{"alpha", "alpha", "beta", "gamma", "delta"}); }
  std::string Ops() { return "o" + Number(2); }
  std::string Kprobe() { return "k" + Number(4); }

  std::string Op(bool faults) {
    switch (Pick(20)) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4: {
        std::string op = "kprobe " + Kprobe() + " " + Function();
        if (Pick(3) == 0) op += One(std::array{"+5", "+5", "+8", "+12", "+3", "+13"});
        if (Pick(3) == 0) op += " post";
        if (Pick(4) == 0) op += " disabled";
        return op;
      }
      case 5:
      case 6:
        return "unkprobe " + Kprobe();
      case 7:
        return "disable_kprobe " + Kprobe();
      case 8:
        return "enable_kprobe " + Kprobe();
      case 9:
        return "kprobes_armed " + Number(2);
      case 10:
      case 11:
        return "hit " + Function();
      case 12:
      case 13:
        return "load " + Module() + " @" + Number(2) +
               (Pick(4) != 0 ? ""
                             : One(std::array{" fail=formation", " fail=coming", " fail=init"}));
      case 14: {
        const std::string module = Module();
        std::string ops = "load_begin " + module + " @" + Number(2);
        for (std::uint32_t i = Pick(15); i > 0; --i) ops += "\nload_step " + module;
        return ops;
      }
      case 15:
        return "unload " + Module();
      case 16:
        return Pick(8) == 0 ? "free_init" : "ftrace_enabled " + Number(2);
      case 17:
        return faults ? "fault " +
                            One(std::array{"hash_copy", "hash_move", "verify", "kprobe_alloc",
                                           "kprobe_slot", "record_alloc", "hash_copy"}) +
                            " " + Number(4, 1)
                      : "load_step " + Module();
      case 18:
        return Pick(2) == 0 ? "register " + Ops() : "unregister " + Ops();
      default:
        switch (Pick(4)) {
          case 0:
            return "filter_ip " + Ops() + " " + Function();
          case 1:
            return "ops " + Ops() + " kernel" + One(std::array{"", " save_regs", " ipmodify"});
          case 2:
            return "patch p0 " + Function();
          default:
            return One(std::array{"enable p0", "disable p0"});
        }
    }
  }

  std::uint64_t state_;
};

}  // namespace recount::linux_test

#endif  // RECOUNT_IMPL_LINUX_KPROBE_PROGRAMS_H_
