#include "harness/generate/generate.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "impl/roster.h"
#include "model/profile.h"
#include "model/text.h"

namespace recount {
namespace {

// FNV-1a: the golden value must not depend on a library.
std::uint64_t TextHash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash;
}

const NamedProfile& Linux61() { return *FindProfile("linux-6.1"); }

Program Generate(std::string_view world, std::uint64_t seed, const NamedProfile& profile) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  RandomChooser chooser(seed);
  return GenerateProgram(BuiltinWorld(world).value(), profile, {}, &chooser, oracle.get());
}

TEST(Generate, SameSeedSameText) {
  for (const std::string_view world : {"tiny", "small", "paged"}) {
    const std::string text = PrintProgram(Generate(world, 42, Linux61()));
    EXPECT_EQ(text, PrintProgram(Generate(world, 42, Linux61())));
    EXPECT_NE(text, PrintProgram(Generate(world, 43, Linux61())));
  }
}

TEST(Generate, SameTextOnEveryCompiler) {
  // Golden. It changes with the generator's choices, and with what the oracle shows it.
  std::uint64_t hash = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    hash = hash * 31 + TextHash(PrintProgram(Generate("small", seed, Linux61())));
  }
  EXPECT_EQ(hash, 3540896280986321344u);
}

TEST(Generate, ProgramsAreLongUnlessFtraceDies) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  const WorldPtr world = BuiltinWorld("small").value();
  int dead = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomChooser chooser(seed);
    const Program program = GenerateProgram(world, Linux61(), {}, &chooser, oracle.get());
    View view;
    oracle->Observe(&view);
    dead += view.globals.dead;
    EXPECT_LE(program.ops.size(), 300u);
    EXPECT_TRUE(view.globals.dead || program.ops.size() >= 100u) << seed;
  }
  EXPECT_GT(dead, 0);   // it happens,
  EXPECT_LT(dead, 15);  // and is rare
}

struct Tally {
  std::uint64_t operations = 0;
  std::uint64_t refused = 0;
  std::array<std::uint64_t, kOpKindCount> kinds{};
  std::array<std::uint64_t, kOpKindCount> refused_kinds{};
  std::map<int, std::uint64_t> errors;
};

Tally TallyOf(std::string_view world_name, int programs) {
  const WorldPtr world = BuiltinWorld(world_name).value();
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  Tally tally;
  for (int seed = 0; seed < programs; ++seed) {
    const NamedProfile& profile = Profiles()[static_cast<std::size_t>(seed) % Profiles().size()];
    RandomChooser chooser(static_cast<std::uint64_t>(seed));
    const Program program = GenerateProgram(world, profile, {}, &chooser, oracle.get());
    oracle->Reset(world, program.Rules());
    for (const Op& op : program.ops) {
      const int rc = oracle->Apply(op).rc;
      ++tally.operations;
      ++tally.kinds[op.index()];
      if (rc == 0) continue;
      ++tally.refused;
      ++tally.refused_kinds[op.index()];
      ++tally.errors[rc];
    }
  }
  return tally;
}

TEST(Generate, MostOperationsAreNotRefusedAndSomeAre) {
  for (const std::string_view world : {"tiny", "small", "paged"}) {
    const Tally tally = TallyOf(world, 40);
    EXPECT_GT(tally.operations, 4000u);
    EXPECT_LT(tally.refused * 100, tally.operations * 30) << world;
    EXPECT_GT(tally.refused * 100, tally.operations * 2) << world;
  }
}

TEST(Generate, MakesEveryKindOfOperation) {
  const Tally tally = TallyOf("small", 160);
  for (std::size_t kind = 0; kind < kOpKindCount; ++kind) {
    EXPECT_GT(tally.kinds[kind], 10u) << kind;
    // Whatever it makes does something more often than not.
    EXPECT_LT(tally.refused_kinds[kind] * 2, tally.kinds[kind]) << kind;
  }
  // The errors that SEMANTICS.md gives its own rules for are met.
  for (const Errno error :
       {Errno::kInval, Errno::kBusy, Errno::kNoMem, Errno::kExist, Errno::kNoEnt, Errno::kNoDev,
        Errno::kRestartSys, Errno::kSrch, Errno::kAgain}) {
    EXPECT_GT(tally.errors.count(Rc(error)), 0u) << ErrnoName(error);
  }
}

TEST(Generate, PatternsHaveEveryShape) {
  std::set<char> signs;
  bool module = false, absent = false, index = false, negated = false, none = false;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    for (const Op& op : Generate("small", seed, Linux61()).ops) {
      const auto* set = std::get_if<SetFilter>(&op);
      if (set == nullptr) continue;
      const std::string_view text = set->pattern.text();
      none = none || text.empty();
      signs.insert(text.begin(), text.end());
      module = module || text.find(":mod:") != text.npos;
      absent = absent || text.ends_with(":mod:delta");
      negated = negated || text.starts_with('!');
      index = index || (!text.empty() && text[0] >= '1' && text[0] <= '9');
    }
  }
  for (const char sign : std::string_view("*?[]!:\\^-")) {
    EXPECT_EQ(signs.count(sign), 1u) << sign;
  }
  EXPECT_TRUE(module && absent && index && negated && none);
}

TEST(Generate, PatternsReachTheCornersOfClasses) {
  std::string all;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    all += PrintProgram(Generate("small", seed, Linux61()));
  }
  // A first ']' and a last '-' that are members, a range that holds nothing, a '\\' that escapes
  // nothing (SEMANTICS 5).
  for (const std::string_view corner : {"[]", "[!]", "-]", "[z-a\\", "\\\n"}) {
    EXPECT_NE(all.find(corner), std::string::npos) << corner;
  }
}

TEST(Generate, OperationsNameOnlyWhatTheWorldHas) {
  // PrintProgram and ParseProgram agree only on ids that exist and patterns that are patterns.
  for (const std::string_view world : {"tiny", "small", "paged"}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const Program program = Generate(world, seed, Linux61());
      const absl::StatusOr<Program> again = ParseProgram(PrintProgram(program));
      ASSERT_TRUE(again.ok()) << again.status();
      EXPECT_EQ(*again, program);
    }
  }
}

// What single operations rarely line up for, and what most of the bugs on chains and in livepatch
// need.
TEST(Generate, NotifiersAndLivepatchesMeetModules) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  std::map<std::string, int> programs;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const NamedProfile& profile = Profiles()[seed % Profiles().size()];
    const Program program = Generate("small", seed, profile);
    oracle->Reset(program.world, program.Rules());
    View view;
    std::set<std::string> seen;
    for (const Op& op : program.ops) {
      const Outcome outcome = oracle->Apply(op);
      oracle->Observe(&view);
      const LivepatchView& livepatch = view.livepatch;
      for (const LivepatchOpsView& ops : livepatch.ops) {
        if (ops.depth > 1) seen.insert("a stack of two");
      }
      for (const PatchView& patch : livepatch.patches) {
        if (patch.enabled && patch.bound == 0) seen.insert("a patch ahead of its module");
        if (patch.patched != 0 && patch.patched != (1u << patch.count) - 1) {
          seen.insert("a patch in part");
        }
        if (patch.enabled && patch.replace) seen.insert("atomic replace");
      }
      if (outcome.redirected != kNoPatch) seen.insert("a replacement that runs");
      if (livepatch.enabled_count > 0 && view.globals.dead) seen.insert("death with patches");
      for (const ChainView& chain : view.notifiers.chains) {
        if (chain.count > 2) seen.insert("three on a chain");
      }
      if (view.notifiers.bad_frees > 0) seen.insert("a bad free");
      for (const std::uint16_t held : view.notifiers.held) {
        if (held > 0) seen.insert("something held");
      }
      const bool load = std::holds_alternative<Load>(op) || std::holds_alternative<LoadStep>(op);
      if (load && !outcome.log.empty() && outcome.rc != 0) seen.insert("a load told of that fails");
      if (std::holds_alternative<LoadStep>(op) && !outcome.log.empty()) {
        seen.insert("a stage told of");
      }
      const bool on_chain =
          std::holds_alternative<AddNotifier>(op) || std::holds_alternative<RemoveNotifier>(op);
      for (const ModuleView& module : view.modules) {
        if (module.next != Stage::kLayout && on_chain) seen.insert("a chain changed in a load");
      }
      if (std::holds_alternative<NotifyRobust>(op) && Stops(outcome.answer)) {
        seen.insert(outcome.log.empty() ? "a robust call refused" : "a robust call stopped");
      }
      if (const auto* notify = std::get_if<Notify>(&op)) {
        if (IsOfRcu(notify->chain) && outcome.log.size() > 1) seen.insert("a chain of RCU called");
      }
      if (std::holds_alternative<EnablePatch>(op) && outcome.rc != 0)
        seen.insert("a refused patch");
    }
    for (const std::string& what : seen) ++programs[what];
  }
  for (const std::string what :
       {"a stack of two", "a patch ahead of its module", "a patch in part", "atomic replace",
        "a replacement that runs", "three on a chain", "a bad free", "something held",
        "a load told of that fails", "a stage told of", "a chain changed in a load",
        "a robust call stopped", "a refused patch"}) {
    EXPECT_GE(programs[what], 10) << what;
  }
  EXPECT_GE(programs["a chain of RCU called"], 2);
  EXPECT_GE(programs["a robust call refused"], 1);
  EXPECT_GE(programs["death with patches"], 1);
}

TEST(Generate, KprobesMeetModulesAndEachOther) {
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  std::map<std::string, int> programs;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const NamedProfile& profile = Profiles()[seed % Profiles().size()];
    const Program program = Generate("small", seed, profile);
    oracle->Reset(program.world, program.Rules());
    View view;
    oracle->Observe(&view);
    std::set<std::string> seen;
    for (const Op& op : program.ops) {
      const bool disarmed = view.kprobes.all_disarmed;
      const Outcome outcome = oracle->Apply(op);
      oracle->Observe(&view);
      const KprobesView& kprobes = view.kprobes;
      for (std::size_t i = 0; i < kprobes.entry_count; ++i) {
        const KprobeEntryView& entry = kprobes.entries[i];
        seen.insert(entry.on_ftrace ? "a probe on ftrace" : "a breakpoint");
        if (entry.count > 1) seen.insert("two at an address");
        if (entry.count > 1 && entry.post) seen.insert("an aggregator with a post_handler");
        if (entry.gone) seen.insert("a probe that is gone");
        if (entry.disabled) seen.insert("a disabled one");
        for (std::size_t j = 0; j < entry.count; ++j) {
          const bool gone = kprobes.probes[Index(entry.probes[j])].gone;
          if (gone && !entry.gone) seen.insert("an address probed again");
        }
      }
      if (kprobes.ops[0].registered && kprobes.ops[1].registered) seen.insert("kp and kpi");
      if (disarmed && !kprobes.all_disarmed && kprobes.entry_count > 0) seen.insert("armed again");
      if (outcome.fired_count > 0) seen.insert("a probe that runs");
      if (outcome.fired_count > 1) seen.insert("two that run");
      if (outcome.fired_count > 0 && outcome.called_count > 0) seen.insert("one beside a tracer");
      if (std::holds_alternative<AddKprobe>(op)) {
        if (outcome.rc == Rc(Errno::kBusy)) seen.insert("a second owner");
        if (outcome.rc == Rc(Errno::kIlSeq)) seen.insert("no instruction");
        if (outcome.rc == Rc(Errno::kNoMem)) seen.insert("no memory");
      }
    }
    for (const std::string& what : seen) ++programs[what];
  }
  for (const std::string what :
       {"a probe on ftrace", "a breakpoint", "two at an address",
        "an aggregator with a post_handler", "a probe that is gone", "a disabled one",
        "an address probed again", "kp and kpi", "armed again", "a probe that runs", "two that run",
        "one beside a tracer"}) {
    EXPECT_GE(programs[what], 10) << what;
  }
  for (const std::string what : {"a second owner", "no instruction", "no memory"}) {
    EXPECT_GE(programs[what], 3) << what;
  }
}

TEST(Generate, EndsWhenTheBytesDo) {
  // All choices are 0 then: nothing may wait for a better one.
  const std::vector<std::uint8_t> bytes = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    ByteChooser chooser(std::span<const std::uint8_t>(bytes).first(size));
    const Program program = GenerateProgram(BuiltinWorld("small").value(), Linux61(),
                                            {.min_ops = 10, .max_ops = 20}, &chooser, oracle.get());
    EXPECT_GE(program.ops.size(), 1u);
    EXPECT_LE(program.ops.size(), 20u);
  }
}

TEST(Generate, WorksInAWorldWithoutModules) {
  World::Definition definition;
  definition.name = "bare";
  definition.core.functions = {{"only", FunctionKind::kText}};
  definition.slots = {0};
  const WorldPtr world = World::Make(definition).value();
  const std::unique_ptr<Subject> oracle = MakeSubject("reference").value();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomChooser chooser(seed);
    const Program program = GenerateProgram(world, Linux61(), {}, &chooser, oracle.get());
    EXPECT_FALSE(program.ops.empty());
    for (int i = 0; i < 200; ++i) {
      const Op op = RandomOp(*world, &chooser);
      EXPECT_FALSE(std::holds_alternative<Load>(op) || std::holds_alternative<LoadBegin>(op) ||
                   std::holds_alternative<LoadStep>(op) || std::holds_alternative<Unload>(op));
    }
  }
}

TEST(RandomOp, ReachesEveryKindAndOnlyWhatTheWorldHas) {
  Program program;
  program.world = BuiltinWorld("small").value();
  program.profile = &Linux61();
  RandomChooser chooser(1);
  std::set<std::size_t> kinds;
  for (int i = 0; i < 3000; ++i) {
    program.ops.push_back(RandomOp(*program.world, &chooser));
    kinds.insert(program.ops.back().index());
  }
  EXPECT_EQ(kinds.size(), kOpKindCount);
  const absl::StatusOr<Program> again = ParseProgram(PrintProgram(program));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, program);
}

}  // namespace
}  // namespace recount
