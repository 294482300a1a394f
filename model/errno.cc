#include "model/errno.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "model/strings.h"

namespace recount {
namespace {

struct Entry {
  Errno error;
  std::string_view name;
};

// Ascending by number, as AllErrnos() promises.
constexpr std::array kEntries = {
    Entry{Errno::kPerm, "EPERM"},
    Entry{Errno::kNoEnt, "ENOENT"},
    Entry{Errno::kSrch, "ESRCH"},
    Entry{Errno::kIntr, "EINTR"},
    Entry{Errno::kIo, "EIO"},
    Entry{Errno::kNoExec, "ENOEXEC"},
    Entry{Errno::kAgain, "EAGAIN"},
    Entry{Errno::kNoMem, "ENOMEM"},
    Entry{Errno::kAcces, "EACCES"},
    Entry{Errno::kFault, "EFAULT"},
    Entry{Errno::kBusy, "EBUSY"},
    Entry{Errno::kExist, "EEXIST"},
    Entry{Errno::kNoDev, "ENODEV"},
    Entry{Errno::kInval, "EINVAL"},
    Entry{Errno::kNoSpc, "ENOSPC"},
    Entry{Errno::kRange, "ERANGE"},
    Entry{Errno::kIlSeq, "EILSEQ"},
    Entry{Errno::kUsers, "EUSERS"},
    Entry{Errno::kRestartSys, "ERESTARTSYS"},
};

constexpr auto kErrnos = [] {
  std::array<Errno, kEntries.size()> errnos{};
  for (std::size_t i = 0; i < errnos.size(); ++i) errnos[i] = kEntries[i].error;
  return errnos;
}();

const Entry* Find(int number) {
  const auto* it = std::find_if(kEntries.begin(), kEntries.end(), [number](const Entry& entry) {
    return static_cast<int>(entry.error) == number;
  });
  return it == kEntries.end() ? nullptr : it;
}

}  // namespace

std::span<const Errno> AllErrnos() { return kErrnos; }

std::string_view ErrnoName(Errno error) {
  if (error == Errno::kOk) return "0";
  const Entry* entry = Find(static_cast<int>(error));
  return entry == nullptr ? "?" : entry->name;
}

std::optional<Errno> ErrnoFromName(std::string_view name) {
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.error;
  }
  return std::nullopt;
}

std::string RcText(int rc) {
  if (rc == 0) return "0";
  // rc comes from a subject, which may be wrong: any int must print.
  const Entry* entry = rc < 0 && rc >= -0xffff ? Find(-rc) : nullptr;
  if (entry == nullptr) return std::to_string(rc);
  return internal::Cat({"-", entry->name});
}

}  // namespace recount
