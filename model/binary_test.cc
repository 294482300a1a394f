// Both forms of a Program on random ones: bytes decode totally, text and bytes are fixpoints, and
// the two agree.
#include "model/binary.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "model/text.h"

namespace recount {
namespace {

// splitmix64: the same numbers everywhere.
struct Prng {
  std::uint64_t state;
  std::uint64_t Next() {
    std::uint64_t x = state += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
  }
  std::size_t Pick(std::size_t n) { return Next() % n; }
  bool Flip() { return Pick(2) == 0; }
};

// Random programs that do not come out of the decoder.
class ProgramMaker {
 public:
  ProgramMaker(std::string_view world, std::uint64_t seed)
      : world_(*BuiltinWorld(world)), prng_{seed} {}

  Program Make() {
    Program program{.world = world_, .profile = &Profiles()[prng_.Pick(Profiles().size())]};
    const std::size_t count = prng_.Pick(40);
    for (std::size_t i = 0; i < count; ++i) program.ops.push_back(MakeOp());
    return program;
  }

 private:
  ModuleId Module() { return static_cast<ModuleId>(prng_.Pick(world_->modules().size())); }
  SlotId Slot() { return static_cast<SlotId>(prng_.Pick(world_->slot_count())); }
  OpsId Ops() { return static_cast<OpsId>(prng_.Pick(kOpsCount)); }
  FunctionId Function() { return static_cast<FunctionId>(prng_.Pick(world_->functions().size())); }
  Errno Error() {
    const std::size_t n = prng_.Pick(AllErrnos().size() + 1);
    return n == 0 ? Errno::kOk : AllErrnos()[n - 1];
  }
  std::optional<Errno> Failure() {
    if (prng_.Flip()) return std::nullopt;
    return Error();
  }
  Place MakePlace() { return {Function(), static_cast<std::uint8_t>(prng_.Pick(16))}; }
  Which MakeWhich() { return prng_.Flip() ? Which::kFilter : Which::kNotrace; }
  Pattern MakePattern() {
    constexpr std::string_view kChars = "abzAZ09_.*?!^$:[]\\-";
    std::string text;
    const std::size_t size = prng_.Pick(Pattern::kMaxSize + 1);
    for (std::size_t i = 0; i < size; ++i) text += kChars[prng_.Pick(kChars.size())];
    const absl::StatusOr<Pattern> pattern = Pattern::FromText(text);
    return pattern.ok() ? *pattern : Pattern();
  }

  Op MakeOp() {
    switch (prng_.Pick(kOpKindCount)) {
      case 0: {
        Load op{Module(), Slot(), std::nullopt};
        const auto stage = static_cast<Stage>(prng_.Pick(kStageCount));
        if (CanFail(stage)) op.failure = StageFailure{stage, Error()};
        return op;
      }
      case 1:
        return LoadBegin{Module(), Slot(), Failure()};
      case 2:
        return LoadStep{Module(), Failure()};
      case 3:
        return Unload{Module()};
      case 4:
        return FreeInit{};
      case 5:
        return SetFilter{MakeWhich(), Ops(), prng_.Flip(), MakePattern()};
      case 6: {
        SetFilterIp op{.which = MakeWhich(), .ops = Ops()};
        op.remove = prng_.Flip();
        op.reset = prng_.Flip();
        op.count = static_cast<std::uint8_t>(1 + prng_.Pick(SetFilterIp::kMaxPlaces));
        for (std::size_t i = 0; i < op.count; ++i) op.places[i] = MakePlace();
        return op;
      }
      case 7:
        return Share{Ops(), Ops()};
      case 8:
        return SetOps{Ops(), prng_.Flip() ? User::kKernel : User::kTracer, prng_.Flip(),
                      prng_.Flip(), prng_.Flip()};
      case 9:
        return Register{Ops()};
      case 10:
        return Unregister{Ops()};
      case 11:
        return FtraceEnabled{prng_.Flip()};
      case 12:
        return Hit{Function()};
      case 13:
        return Locate{MakePlace()};
      case 14: {
        Fault op;
        op.point = static_cast<FaultPoint>(prng_.Pick(kFaultPointCount));
        op.nth = static_cast<std::uint16_t>(1 + prng_.Pick(9999));
        if (TakesErrno(op.point)) op.error = Error();
        return op;
      }
      default:
        return MakeChainOp();
    }
  }

  NotifierId Notifier() { return static_cast<NotifierId>(prng_.Pick(kNotifierCount)); }
  PatchId Patch() { return static_cast<PatchId>(prng_.Pick(kPatchCount)); }
  KprobeId Kprobe() { return static_cast<KprobeId>(prng_.Pick(kKprobeCount)); }
  Event MakeEvent() { return static_cast<Event>(prng_.Pick(kEventCount)); }
  Chain FreeChain() { return kFreeChains[prng_.Pick(kFreeChains.size())]; }

  Op MakeChainOp() {
    switch (prng_.Pick(15)) {
      case 0:
        return AddNotifier{Notifier(), static_cast<Chain>(prng_.Pick(kChainCount)),
                           static_cast<std::int32_t>(prng_.Next()), prng_.Flip()};
      case 1:
        return RemoveNotifier{Notifier()};
      case 2: {
        SetScript op{Notifier(), MakeEvent(), static_cast<Answer>(prng_.Next()),
                     static_cast<Act>(prng_.Pick(4)), NotifierId{}};
        if (op.act == Act::kUnregister) op.other = Notifier();
        return op;
      }
      case 3: {
        Notify op{FreeChain(), MakeEvent(), prng_.Flip(), Notify::kAll};
        if (prng_.Flip()) op.limit = static_cast<std::uint8_t>(prng_.Pick(100));
        return op;
      }
      case 4:
        return NotifyRobust{FreeChain(), MakeEvent(), MakeEvent()};
      case 5: {
        SetPatch op{.patch = Patch(), .replace = prng_.Flip(), .count = 0};
        for (std::size_t i = prng_.Pick(SetPatch::kMaxFunctions) + 1; i > 0; --i) {
          const FunctionId function = Function();
          auto* const end = op.functions.data() + op.count;
          if (std::find(op.functions.data(), end, function) == end) {
            op.functions[op.count++] = function;
          }
        }
        return op;
      }
      case 6:
        return EnablePatch{Patch()};
      case 7:
        return DisablePatch{Patch()};
      case 8: {
        AddKprobe op{.kprobe = Kprobe(), .place = MakePlace()};
        op.post = prng_.Flip();
        op.disabled = prng_.Flip();
        return op;
      }
      case 9:
        return RemoveKprobe{Kprobe()};
      case 10:
        return EnableKprobe{Kprobe()};
      case 11:
        return DisableKprobe{Kprobe()};
      case 12:
        return Boot{};
      case 13:
        return Optimize{};
      default:
        return KprobesArmed{prng_.Flip()};
    }
  }

  WorldPtr world_;
  Prng prng_;
};

TEST(Binary, TextAndBytesOfARandomProgramGiveItBack) {
  for (const std::string_view world : {"tiny", "small", "paged", "kernel"}) {
    ProgramMaker maker(world, 7);
    for (int i = 0; i < (world == "kernel" ? 100 : 1000); ++i) {
      const Program program = maker.Make();
      const std::string text = PrintProgram(program);
      const absl::StatusOr<Program> parsed = ParseProgram(text);
      ASSERT_TRUE(parsed.ok()) << parsed.status() << "\n" << text;
      ASSERT_EQ(*parsed, program) << text;
      ASSERT_EQ(PrintProgram(*parsed), text);

      const auto bytes = EncodeProgram(program);
      ASSERT_TRUE(bytes.ok());
      ASSERT_TRUE(LooksBinary(*bytes));
      const Program decoded = DecodeProgram(*bytes);
      ASSERT_EQ(decoded, program) << text;
      ASSERT_EQ(*EncodeProgram(decoded), *bytes);
    }
  }
}

TEST(Binary, EveryByteStringDecodesToAProgramThatBothFormsKeep) {
  Prng prng{42};
  std::vector<std::uint8_t> bytes;
  std::size_t ops = 0;
  for (int i = 0; i < 100000; ++i) {
    bytes.resize(prng.Pick(1 + prng.Pick(200)));
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(prng.Next());
    const Program program = DecodeProgram(bytes);
    ops += program.ops.size();
    const auto encoded = EncodeProgram(program);
    ASSERT_TRUE(encoded.ok());
    ASSERT_EQ(DecodeProgram(*encoded), program);
    if (i % 20 != 0) continue;  // the text form costs most
    const absl::StatusOr<Program> parsed = ParseProgram(PrintProgram(program));
    ASSERT_TRUE(parsed.ok()) << parsed.status();
    ASSERT_EQ(*parsed, program);
  }
  EXPECT_GT(ops, 100000u);
}

TEST(Binary, EmptyBytesAreTheEmptyProgram) {
  const Program program = DecodeProgram({});
  EXPECT_TRUE(program.ops.empty());
  EXPECT_EQ(program.world->name(), "tiny");
  EXPECT_EQ(program.profile, &Profiles()[0]);
}

TEST(Binary, ACutLastOperationIsDropped) {
  const Program program =
      *ParseProgram("world small\nprofile linux-6.1\nfree_init\nfilter o1 alpha_*\n");
  const std::vector<std::uint8_t> bytes = *EncodeProgram(program);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const Program cut = DecodeProgram(std::span(bytes).first(size));
    EXPECT_EQ(cut.ops.size(), size < 4 ? 0u : 1u) << size;
  }
  EXPECT_EQ(DecodeProgram(bytes), program);
}

TEST(Binary, PatternsStandInTheBytesAsTheyAre) {
  const std::vector<std::uint8_t> bytes =
      *EncodeProgram(*ParseProgram("world small\nprofile linux-6.1\nfilter o1 reset alpha_*\n"));
  const std::string text(bytes.begin(), bytes.end());
  EXPECT_EQ(text, std::string("\x02\x01\x01\x05\x02\x01\x07", 7) + "alpha_*");
}

TEST(Binary, SaysWhereAProgramStarts) {
  Program program{.world = *BuiltinWorld("tiny"), .profile = FindProfile("early-kprobe")};
  program.from_boot = true;
  program.ops = {Boot{}};
  const std::vector<std::uint8_t> bytes = *EncodeProgram(program);
  EXPECT_EQ(DecodeProgram(bytes), program);
  EXPECT_TRUE(LooksBinary(bytes));
  program.from_boot = false;
  EXPECT_EQ(DecodeProgram(*EncodeProgram(program)), program);
  EXPECT_NE(*EncodeProgram(program), bytes);
}

// Bytes that say something twice, or what does not matter, say it once when they are read.
TEST(Binary, BytesOfAChainAreReadCanonically) {
  const auto decoded = [](std::vector<std::uint8_t> bytes) {
    bytes.insert(bytes.begin(), {1, 1, 1});
    const Program program = DecodeProgram(bytes);
    EXPECT_EQ(program.ops.size(), 1u);
    EXPECT_EQ(DecodeProgram(*EncodeProgram(program)), program);
    return program.ops.empty() ? "" : PrintOp(*program.world, program.ops[0]);
  };
  EXPECT_EQ(decoded({15, 9, 3, 7, 0xff, 0xff, 0xff, 0x7f}), "notifier n1 raw 2147483647 unique");
  EXPECT_EQ(decoded({15, 1, 0, 5, 0, 0, 0, 0}), "notifier n1 srcu 0");
  EXPECT_EQ(decoded({16, 15}), "unnotifier n7");
  // The other notifier only where it is taken off.
  EXPECT_EQ(decoded({17, 2, 7, 0x0d, 0x80, 1, 5}), "script n2 going -ENOMEM alloc");
  EXPECT_EQ(decoded({17, 2, 7, 0, 0, 7, 5}), "script n2 going done unregister n5");
  EXPECT_EQ(decoded({18, 3, 4, 1, 0}), "notify_reverse raw coming");
  EXPECT_EQ(decoded({18, 0, 2, 1, 0}), "notify atomic coming");
  EXPECT_EQ(decoded({18, 0, 3, 1, 0}), "notify srcu coming");
  EXPECT_EQ(decoded({18, 2, 1, 1, 100}), "notify blocking coming 99");
  EXPECT_EQ(decoded({18, 2, 1, 1, 101}), "notify blocking coming");
  EXPECT_EQ(decoded({19, 1, 1, 2}), "notify_robust blocking coming going");
  // A function stands once.
  EXPECT_EQ(decoded({20, 5, 3, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0}),
            "patch p1 replace core_read core_setup");
  EXPECT_EQ(decoded({21, 7}), "enable p3");
  EXPECT_EQ(decoded({22, 2}), "disable p2");
}

TEST(Binary, BytesOfAKprobeAreReadCanonically) {
  const auto decoded = [](std::vector<std::uint8_t> bytes) {
    bytes.insert(bytes.begin(), {1, 1, 1});
    const Program program = DecodeProgram(bytes);
    EXPECT_EQ(program.ops.size(), 1u);
    EXPECT_EQ(DecodeProgram(*EncodeProgram(program)), program);
    return program.ops.empty() ? "" : PrintOp(*program.world, program.ops[0]);
  };
  EXPECT_EQ(decoded({23, 0, 0, 0, 0, 0, 0}), "kprobe k0 core_setup");
  EXPECT_EQ(decoded({23, 5, 1, 1, 0, 0, 5}), "kprobe k1 core_read+5 post");
  EXPECT_EQ(decoded({23, 2, 6, 0, 0, 0, 0}), "kprobe k2 core_setup disabled");
  EXPECT_EQ(decoded({23, 3, 3, 0, 0, 0, 31}), "kprobe k3 core_setup+15 post disabled");
  EXPECT_EQ(decoded({24, 7}), "unkprobe k3");
  EXPECT_EQ(decoded({25, 1}), "enable_kprobe k1");
  EXPECT_EQ(decoded({26, 4}), "disable_kprobe k0");
  EXPECT_EQ(decoded({27, 3}), "kprobes_armed 1");
  EXPECT_EQ(decoded({27, 0}), "kprobes_armed 0");
  EXPECT_EQ(decoded({29}), "optimize");
}

TEST(Binary, TextsThatAreNoPatternsBecomeNone) {
  for (const std::string_view text : {"-", "reset"}) {
    std::string bytes("\x02\x01\x01\x05\x00\x01", 6);
    bytes += static_cast<char>(text.size());
    bytes += text;
    const Program program =
        DecodeProgram({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    ASSERT_EQ(program.ops.size(), 1u);
    EXPECT_TRUE(std::get<SetFilter>(program.ops[0]).pattern.null());
  }
}

TEST(Binary, OperationsPastTheLimitAreDropped) {
  std::vector<std::uint8_t> bytes = {1, 1, 1};
  bytes.resize(3 + kMaxDecodedOps + 10, 4);  // free_init
  Program program = DecodeProgram(bytes);
  EXPECT_EQ(program.ops.size(), kMaxDecodedOps);
  EXPECT_TRUE(EncodeProgram(program).ok());
  program.ops.push_back(FreeInit{});
  EXPECT_EQ(EncodeProgram(program).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Binary, WorldsFromFilesHaveNoBinaryForm) {
  Program program;
  program.world = *ParseWorld("core a\nslot 0\n", "a.world");
  program.profile = &Profiles()[0];
  const auto bytes = EncodeProgram(program);
  EXPECT_EQ(bytes.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(bytes.status().message(), "no binary form: world 'a.world' is not built in");
}

TEST(Binary, TextDoesNotLookBinary) {
  const std::string text = "world small\n";
  EXPECT_FALSE(LooksBinary({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}));
  EXPECT_FALSE(LooksBinary({}));
  const std::vector<std::uint8_t> bad_world = {1, 9, 0};
  EXPECT_FALSE(LooksBinary(bad_world));
}

}  // namespace
}  // namespace recount
