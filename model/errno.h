// Error numbers as Linux names them. An Outcome's rc is 0 or -errno.
#ifndef RECOUNT_MODEL_ERRNO_H_
#define RECOUNT_MODEL_ERRNO_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace recount {

enum class Errno : std::uint16_t {
  kOk = 0,
  kPerm = 1,
  kNoEnt = 2,
  kSrch = 3,
  kIntr = 4,
  kIo = 5,
  kNoExec = 8,
  kAgain = 11,
  kNoMem = 12,
  kAcces = 13,
  kFault = 14,
  kBusy = 16,
  kExist = 17,
  kNoDev = 19,
  kInval = 22,
  kNoSpc = 28,
  kRange = 34,
  kIlSeq = 84,
  kUsers = 87,
  kRestartSys = 512,
};

// Every Errno but kOk, ascending: what a Program may ask a fault to return.
std::span<const Errno> AllErrnos();
// "EINVAL" for kInval, "0" for kOk.
std::string_view ErrnoName(Errno error);
// The inverse of ErrnoName (without "0"); nullopt for an unknown name.
std::optional<Errno> ErrnoFromName(std::string_view name);
// "0", "-EINVAL", or "-77" for an rc that has no name here.
std::string RcText(int rc);

constexpr int Rc(Errno error) { return -static_cast<int>(error); }

}  // namespace recount

#endif  // RECOUNT_MODEL_ERRNO_H_
