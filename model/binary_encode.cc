// The binary form, written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "model/binary.h"
#include "model/binary_codes.h"
#include "model/check.h"

namespace recount {
namespace {

using internal::ErrnoNumber;
using internal::FailingStageNumber;
using internal::FreeChainNumber;
using internal::kFromBoot;
using internal::kMaxBytes1;
using internal::kMaxBytes3;

struct Writer {
  std::vector<std::uint8_t> bytes;

  void Put(std::size_t value, int width = 1) {
    for (int i = 0; i < width; ++i) {
      bytes.push_back(static_cast<std::uint8_t>(value));
      value >>= 8;
    }
    RECOUNT_CHECK(value == 0);
  }
  void PutFlags(std::initializer_list<bool> flags) {
    std::size_t value = 0;
    int bit = 0;
    for (const bool flag : flags) value |= std::size_t{flag} << bit++;
    Put(value);
  }
  void PutFunction(FunctionId function) { Put(Index(function), 3); }
  void PutPlace(const Place& place) {
    PutFunction(place.function);
    Put(place.offset);
  }
  void PutFailure(const std::optional<Errno>& failure) {
    Put(failure.has_value() ? 1 + ErrnoNumber(*failure) : 0);
  }

  void operator()(const Load& op) {
    Put(Index(op.module));
    Put(Index(op.slot));
    Put(op.failure.has_value() ? 1 + FailingStageNumber(op.failure->stage) : 0);
    if (op.failure.has_value()) Put(ErrnoNumber(op.failure->error));
  }
  void operator()(const LoadBegin& op) {
    Put(Index(op.module));
    Put(Index(op.slot));
    PutFailure(op.failure);
  }
  void operator()(const LoadStep& op) {
    Put(Index(op.module));
    PutFailure(op.failure);
  }
  void operator()(const Unload& op) { Put(Index(op.module)); }
  void operator()(const FreeInit&) {}
  void operator()(const SetFilter& op) {
    PutFlags({op.which == Which::kNotrace, op.reset});
    Put(Index(op.ops));
    Put(op.pattern.text().size());
    for (const char c : op.pattern.text()) Put(static_cast<std::uint8_t>(c));
  }
  void operator()(const SetFilterIp& op) {
    PutFlags({op.which == Which::kNotrace, op.remove, op.reset});
    Put(Index(op.ops));
    Put(op.count - std::size_t{1});
    for (std::size_t i = 0; i < op.count; ++i) PutPlace(op.places[i]);
  }
  void operator()(const Share& op) {
    Put(Index(op.ops));
    Put(Index(op.with));
  }
  void operator()(const SetOps& op) {
    Put(Index(op.ops));
    PutFlags({op.user == User::kTracer, op.save_regs, op.ipmodify, op.permanent});
  }
  void operator()(const Register& op) { Put(Index(op.ops)); }
  void operator()(const Unregister& op) { Put(Index(op.ops)); }
  void operator()(const FtraceEnabled& op) { Put(op.on ? 1 : 0); }
  void operator()(const Hit& op) { PutFunction(op.function); }
  void operator()(const Locate& op) { PutPlace(op.place); }
  void operator()(const Fault& op) {
    Put(static_cast<std::size_t>(op.point));
    Put(op.nth - std::size_t{1}, 2);
    if (TakesErrno(op.point)) Put(ErrnoNumber(op.error));
  }
  void operator()(const AddNotifier& op) {
    Put(Index(op.notifier));
    PutFlags({op.unique});
    Put(static_cast<std::size_t>(op.chain));
    Put(static_cast<std::uint32_t>(op.priority), 4);
  }
  void operator()(const RemoveNotifier& op) { Put(Index(op.notifier)); }
  void operator()(const SetScript& op) {
    Put(Index(op.notifier));
    Put(static_cast<std::size_t>(op.event));
    Put(op.answer, 2);
    Put(static_cast<std::size_t>(op.act));
    Put(Index(op.other));
  }
  void operator()(const Notify& op) {
    PutFlags({op.reverse});
    Put(FreeChainNumber(op.chain));
    Put(static_cast<std::size_t>(op.event));
    Put(op.limit == Notify::kAll ? 0 : op.limit + std::size_t{1});
  }
  void operator()(const NotifyRobust& op) {
    Put(FreeChainNumber(op.chain));
    Put(static_cast<std::size_t>(op.up));
    Put(static_cast<std::size_t>(op.down));
  }
  void operator()(const SetPatch& op) {
    Put(Index(op.patch));
    PutFlags({op.replace});
    Put(op.count - std::size_t{1});
    for (std::size_t i = 0; i < op.count; ++i) PutFunction(op.functions[i]);
  }
  void operator()(const EnablePatch& op) { Put(Index(op.patch)); }
  void operator()(const DisablePatch& op) { Put(Index(op.patch)); }
  void operator()(const AddKprobe& op) {
    Put(Index(op.kprobe));
    PutFlags({op.post, op.disabled});
    PutPlace(op.place);
  }
  void operator()(const RemoveKprobe& op) { Put(Index(op.kprobe)); }
  void operator()(const EnableKprobe& op) { Put(Index(op.kprobe)); }
  void operator()(const DisableKprobe& op) { Put(Index(op.kprobe)); }
  void operator()(const KprobesArmed& op) { Put(op.on ? 1 : 0); }
  void operator()(const Boot&) {}
  void operator()(const Optimize&) {}
};

}  // namespace

absl::StatusOr<std::vector<std::uint8_t>> EncodeProgram(const Program& program) {
  const auto names = BuiltinWorldNames();
  const auto name = std::find(names.begin(), names.end(), program.world->name());
  if (name == names.end()) {
    return absl::FailedPreconditionError("no binary form: world '" + program.world->name() +
                                         "' is not built in");
  }
  if (program.ops.size() > kMaxDecodedOps) {
    return absl::FailedPreconditionError("no binary form: more than " +
                                         std::to_string(kMaxDecodedOps) + " operations");
  }
  RECOUNT_CHECK(program.world->modules().size() <= kMaxBytes1);
  RECOUNT_CHECK(program.world->slot_count() <= kMaxBytes1);
  RECOUNT_CHECK(program.world->functions().size() <= kMaxBytes3);
  Writer writer;
  writer.Put(kBinaryVersion);
  writer.Put(static_cast<std::size_t>(name - names.begin()));
  RECOUNT_CHECK(Profiles().size() <= kFromBoot);
  writer.Put(static_cast<std::size_t>(program.profile - Profiles().data()) +
             (program.from_boot ? kFromBoot : 0));
  for (const Op& op : program.ops) {
    writer.Put(op.index());
    std::visit(writer, op);
  }
  return std::move(writer.bytes);
}

}  // namespace recount
