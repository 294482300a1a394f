// A recording of a real kernel, as parsed from JSON lines: what was done, what it answered, and
// what could be seen of ftrace afterwards. The format is described in corpus/kernel/README.md.
//
// Only what a replay uses is kept. Records of a module keep the order of the file, which is the
// order of their addresses.
#ifndef RECOUNT_HARNESS_CONFORM_RECORDING_H_
#define RECOUNT_HARNESS_CONFORM_RECORDING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace recount {

struct RecordedRecord {
  std::string function;
  std::uint32_t count = 0;
  std::string flags;  // one letter a flag, "-" for none
  bool has(char flag) const { return flags.find(flag) != std::string::npos; }
};

struct RecordedImage {
  std::string module;
  std::vector<RecordedRecord> records;
};

// A filter hash. Absent and empty mean the same to the kernel's lookup; both are an empty list
// here.
struct RecordedHash {
  std::vector<std::string> entries;  // "mod:fn", "stale mod:fn", "0x0", a core function
  bool elided = false;               // only its size was recorded
};

struct RecordedOps {
  std::uint32_t index = 0;
  bool registered = false;
  RecordedHash filter;
  RecordedHash notrace;
};

struct RecordedStep {
  std::string op;
  int rc = 0;
  std::vector<RecordedImage> recs;
  std::vector<std::pair<std::string, std::uint64_t>> mods;  // module, base address
  bool shows_ops = false;  // whether the key is there: a sequence without ops leaves it away
  std::vector<RecordedOps> ops;
  // Flags of the guest's kprobes: "DISABLED,FTRACE"; absent for one that never was registered. What
  // an unregistered one shows is left over.
  bool shows_kprobes = false;
  std::vector<std::pair<std::uint32_t, std::optional<std::string>>> kprobes;
  // enabled_functions, of the modules; absent where it was too long to be read.
  std::optional<std::vector<std::pair<std::string, std::uint32_t>>> enabled;
  // Lines of the tracefs files; absent when the sequence does not touch them.
  std::optional<std::vector<std::string>> filter_lines;
  std::optional<std::vector<std::string>> notrace_lines;
  // Callbacks since the former `call`, by ops; only after a `call`.
  bool shows_hits = false;
  std::vector<std::pair<std::uint32_t, std::uint64_t>> hits;
  // What the functions returned, added up; only after a `call` that was done.
  std::optional<std::int64_t> returned;
  // Calls of notifiers since the former step, in order: "m0 COMING tgA" (a module notifier), "c1 2"
  // (of a chain of its own). Absent where the recorder left the key away.
  std::optional<std::vector<std::string>> log;
  // The text that a `ch I call`, a `ch I robust` or a `read` gave, without the line end behind it.
  std::optional<std::string> out;
  bool warned = false;
  bool crashed = false;
  bool has_state = true;  // false: the kernel went down, and nothing but `op` and `kmsg` is known
  std::vector<std::string> kmsg;

  std::optional<std::uint64_t> BaseOf(std::string_view module) const;
};

struct Sequence {
  std::string id;
  std::string description;
  std::string kernel;
  std::size_t line = 0;  // in the file, from 1
  std::vector<RecordedStep> steps;
};

struct Recording {
  std::string path;
  std::string kernel;  // of all its sequences
  std::vector<Sequence> sequences;
};

// True when `kernel` is a release of `series`: "6.1.0-56-amd64" of "6.1", which "6.12.1" is not.
bool IsOfSeries(std::string_view kernel, std::string_view series);

// Error: InvalidArgument "PATH:LINE: what": not JSON (also a line cut short), a key missing
// (completeness.h) or of the wrong type, an operation that cannot be one (guest_op.h) as
// "PATH:LINE: step K: why", an unknown flag of a record, two kernels in one file, no sequence at
// all.
absl::StatusOr<Recording> ParseRecording(std::string_view text, std::string_view path);
// As above, from a file, or "-" for the standard input. Error also: "cannot read PATH: why".
absl::StatusOr<Recording> ReadRecording(const std::string& path);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_RECORDING_H_
