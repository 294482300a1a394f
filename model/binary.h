// The binary form of a Program, for fuzzers.
//
// Total: every byte string decodes to a Program (operands are taken modulo their range, a cut last
// operation is dropped, the empty string is the empty Program). Canonical: DecodeProgram(
// EncodeProgram(p)) == p and EncodeProgram(DecodeProgram(b)) decodes to the same Program.
// Layout: version, world, profile (with the highest bit, a Program from boot), then for each
// operation its kind and its operands, little endian. Version 1 had another number for a Program
// from boot.
#ifndef RECOUNT_MODEL_BINARY_H_
#define RECOUNT_MODEL_BINARY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "model/program.h"

namespace recount {

inline constexpr std::uint8_t kBinaryVersion = 2;
// Operations past this are dropped when decoding, so that an input's cost is bounded.
inline constexpr std::size_t kMaxDecodedOps = 4096;

// Error: FailedPrecondition when the world is not built in or there are more than kMaxDecodedOps
// operations: such a Program has no binary form.
absl::StatusOr<std::vector<std::uint8_t>> EncodeProgram(const Program& program);
Program DecodeProgram(std::span<const std::uint8_t> bytes);
// True when `bytes` begins as EncodeProgram writes it (version and ranges of the header): lets a
// tool tell a fuzzer's file from text. DecodeProgram takes anything all the same.
bool LooksBinary(std::span<const std::uint8_t> bytes);

}  // namespace recount

#endif  // RECOUNT_MODEL_BINARY_H_
