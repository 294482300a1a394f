// The binary form, read: any bytes are a Program.
#include "model/binary.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include "model/binary_codes.h"
#include "model/check.h"

namespace recount {
namespace {

using internal::ErrnoOf;
using internal::FailingStage;
using internal::kAlphabet;
using internal::kFailingStages;
using internal::kFromBoot;

struct Reader {
  const World& world;
  std::span<const std::uint8_t> bytes;
  bool cut = false;  // a byte was asked for that is not there

  std::size_t Get(int width = 1) {
    std::size_t value = 0;
    for (int i = 0; i < width; ++i) {
      if (bytes.empty()) {
        cut = true;
        return 0;
      }
      value |= std::size_t{bytes[0]} << (8 * i);
      bytes = bytes.subspan(1);
    }
    return value;
  }
  std::size_t GetBelow(std::size_t limit, int width = 1) { return Get(width) % limit; }

  ModuleId GetModule() { return static_cast<ModuleId>(GetBelow(world.modules().size())); }
  SlotId GetSlot() { return static_cast<SlotId>(GetBelow(world.slot_count())); }
  OpsId GetOps() { return static_cast<OpsId>(GetBelow(kOpsCount)); }
  FunctionId GetFunction() {
    return static_cast<FunctionId>(GetBelow(world.functions().size(), 3));
  }
  Place GetPlace() {
    Place place;
    place.function = GetFunction();
    place.offset = static_cast<std::uint8_t>(GetBelow(World::kFunctionStride));
    return place;
  }
  Errno GetErrno() { return ErrnoOf(GetBelow(AllErrnos().size() + 1)); }
  std::optional<Errno> GetFailure() {
    const std::size_t value = GetBelow(AllErrnos().size() + 2);
    if (value == 0) return std::nullopt;
    return ErrnoOf(value - 1);
  }
  Pattern GetPattern() {
    std::array<char, Pattern::kMaxSize> text;
    const std::size_t size = GetBelow(Pattern::kMaxSize + 1);
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t byte = Get();
      const char c = static_cast<char>(byte);
      text[i] = Pattern::IsPatternChar(c) ? c : kAlphabet[byte % kAlphabet.size()];
    }
    // Two texts of that alphabet are no patterns ("-" and "reset"): they become none.
    const std::string_view view(text.data(), size);
    if (view.empty() || view == "-" || view == "reset") return Pattern();
    return Pattern::Must(view);
  }

  Op GetOp() {
    const std::size_t kind = GetBelow(kOpKindCount);
    switch (kind) {
      case 0: {
        Load op;
        op.module = GetModule();
        op.slot = GetSlot();
        if (const std::size_t stage = GetBelow(kFailingStages + 1); stage != 0) {
          op.failure = StageFailure{FailingStage(stage - 1), GetErrno()};
        }
        return op;
      }
      case 1: {
        LoadBegin op;
        op.module = GetModule();
        op.slot = GetSlot();
        op.failure = GetFailure();
        return op;
      }
      case 2: {
        LoadStep op;
        op.module = GetModule();
        op.failure = GetFailure();
        return op;
      }
      case 3:
        return Unload{GetModule()};
      case 4:
        return FreeInit{};
      case 5: {
        SetFilter op;
        const std::size_t flags = GetBelow(4);
        op.which = (flags & 1) != 0 ? Which::kNotrace : Which::kFilter;
        op.reset = (flags & 2) != 0;
        op.ops = GetOps();
        op.pattern = GetPattern();
        return op;
      }
      case 6: {
        SetFilterIp op;
        const std::size_t flags = GetBelow(8);
        op.which = (flags & 1) != 0 ? Which::kNotrace : Which::kFilter;
        op.remove = (flags & 2) != 0;
        op.reset = (flags & 4) != 0;
        op.ops = GetOps();
        op.count = static_cast<std::uint8_t>(1 + GetBelow(SetFilterIp::kMaxPlaces));
        for (std::size_t i = 0; i < op.count; ++i) op.places[i] = GetPlace();
        return op;
      }
      case 7: {
        Share op;
        op.ops = GetOps();
        op.with = GetOps();
        return op;
      }
      case 8: {
        SetOps op;
        op.ops = GetOps();
        const std::size_t flags = GetBelow(16);
        op.user = (flags & 1) != 0 ? User::kTracer : User::kKernel;
        op.save_regs = (flags & 2) != 0;
        op.ipmodify = (flags & 4) != 0;
        op.permanent = (flags & 8) != 0;
        return op;
      }
      case 9:
        return Register{GetOps()};
      case 10:
        return Unregister{GetOps()};
      case 11:
        return FtraceEnabled{GetBelow(2) == 1};
      case 12:
        return Hit{GetFunction()};
      case 13:
        return Locate{GetPlace()};
      case 14: {
        Fault op;
        op.point = static_cast<FaultPoint>(GetBelow(kFaultPointCount));
        op.nth = static_cast<std::uint16_t>(1 + GetBelow(9999, 2));
        if (TakesErrno(op.point)) op.error = GetErrno();
        return op;
      }
      default:
        return GetChainOp(kind);
    }
  }

  NotifierId GetNotifier() { return static_cast<NotifierId>(GetBelow(kNotifierCount)); }
  PatchId GetPatch() { return static_cast<PatchId>(GetBelow(kPatchCount)); }
  Event GetEvent() { return static_cast<Event>(GetBelow(kEventCount)); }
  Chain GetFreeChain() { return kFreeChains[GetBelow(kFreeChains.size())]; }
  SetPatch GetSetPatch() {
    SetPatch op;
    op.patch = GetPatch();
    op.replace = GetBelow(2) == 1;
    const std::size_t count = 1 + GetBelow(SetPatch::kMaxFunctions);
    op.count = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const FunctionId function = GetFunction();
      auto* const end = op.functions.begin() + op.count;
      if (std::find(op.functions.begin(), end, function) == end) {
        op.functions[op.count++] = function;
      }
    }
    return op;
  }

  // The operations of op_chain.h and op_livepatch.h.
  Op GetChainOp(std::size_t kind) {
    switch (kind) {
      case 15: {
        AddNotifier op;
        op.notifier = GetNotifier();
        op.unique = GetBelow(2) == 1;
        op.chain = static_cast<Chain>(GetBelow(kChainCount));
        op.priority = static_cast<std::int32_t>(static_cast<std::uint32_t>(Get(4)));
        return op;
      }
      case 16:
        return RemoveNotifier{GetNotifier()};
      case 17: {
        SetScript op;
        op.notifier = GetNotifier();
        op.event = GetEvent();
        op.answer = static_cast<Answer>(Get(2));
        op.act = static_cast<Act>(GetBelow(4));
        const NotifierId other = GetNotifier();
        if (op.act == Act::kUnregister) op.other = other;
        return op;
      }
      case 18: {
        Notify op;
        op.reverse = GetBelow(2) == 1;
        op.chain = GetFreeChain();
        op.event = GetEvent();
        const std::size_t limit = GetBelow(101);
        op.limit = limit == 0 ? Notify::kAll : static_cast<std::uint8_t>(limit - 1);
        return op;
      }
      case 19: {
        NotifyRobust op;
        op.chain = GetFreeChain();
        op.up = GetEvent();
        op.down = GetEvent();
        return op;
      }
      case 20:
        return GetSetPatch();
      case 21:
        return EnablePatch{GetPatch()};
      case 22:
        return DisablePatch{GetPatch()};
      default:
        return GetKprobeOp(kind);
    }
  }

  KprobeId GetKprobe() { return static_cast<KprobeId>(GetBelow(kKprobeCount)); }

  // The operations of op_kprobe.h.
  Op GetKprobeOp(std::size_t kind) {
    switch (kind) {
      case 23: {
        AddKprobe op;
        op.kprobe = GetKprobe();
        const std::size_t flags = GetBelow(4);
        op.post = (flags & 1) != 0;
        op.disabled = (flags & 2) != 0;
        op.place = GetPlace();
        return op;
      }
      case 24:
        return RemoveKprobe{GetKprobe()};
      case 25:
        return EnableKprobe{GetKprobe()};
      case 26:
        return DisableKprobe{GetKprobe()};
      case 27:
        return KprobesArmed{GetBelow(2) == 1};
      case 28:
        return Boot{};
      case 29:
        return Optimize{};
    }
    RECOUNT_CHECK(false);
    return FreeInit{};
  }
};

static_assert(kOpKindCount == 30, "a new kind of operation needs its case in Reader::GetOp()");

}  // namespace

Program DecodeProgram(std::span<const std::uint8_t> bytes) {
  // Missing bytes of the header count as zero.
  const auto header = [bytes](std::size_t i) {
    return i < bytes.size() ? std::size_t{bytes[i]} : std::size_t{0};
  };
  Program program;
  absl::StatusOr<WorldPtr> world =
      BuiltinWorld(BuiltinWorldNames()[header(1) % BuiltinWorldNames().size()]);
  RECOUNT_CHECK(world.ok());
  program.world = *std::move(world);
  program.profile = &Profiles()[header(2) % kFromBoot % Profiles().size()];
  program.from_boot = header(2) >= kFromBoot;
  Reader reader{*program.world, bytes.subspan(std::min<std::size_t>(3, bytes.size()))};
  while (!reader.bytes.empty() && program.ops.size() < kMaxDecodedOps) {
    const Op op = reader.GetOp();
    if (reader.cut) break;
    program.ops.push_back(op);
  }
  return program;
}

bool LooksBinary(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == kBinaryVersion && bytes[1] < BuiltinWorldNames().size() &&
         bytes[2] % kFromBoot < Profiles().size();
}

}  // namespace recount
