#include "harness/shrink/shrink.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/generate/chooser.h"
#include "harness/generate/generate.h"
#include "harness/shrink/shrink_fixture.h"
#include "model/profile.h"
#include "model/text.h"

namespace recount {
namespace {

using ::testing::IsEmpty;

Program Parse(std::string_view lines) { return ParseLines(lines, "linux-3.2"); }

// `wanted` strewn in order over noise.
Program Hidden(std::string_view wanted, std::uint64_t seed) {
  const Program needle = Parse(wanted);
  Program program = Noise(seed);
  RandomChooser chooser(~seed);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < needle.ops.size(); ++i) {
    places.push_back(chooser.Pick(static_cast<std::uint32_t>(program.ops.size())));
  }
  std::sort(places.begin(), places.end());
  for (std::size_t i = needle.ops.size(); i-- > 0;) {
    program.ops.insert(program.ops.begin() + static_cast<std::ptrdiff_t>(places[i]), needle.ops[i]);
  }
  return program;
}

// --- small predicates with a known minimum, reached from any noise -------------------------------

// A module comes back, whichever, at the slot it was at: every id is linked over three operations.
std::string ReloadAtSameSlot(const Program& program) {
  for (std::size_t i = 0; i < program.ops.size(); ++i) {
    const auto* first = std::get_if<Load>(&program.ops[i]);
    if (first == nullptr) continue;
    bool gone = false;
    for (std::size_t j = i + 1; j < program.ops.size(); ++j) {
      const auto* unload = std::get_if<Unload>(&program.ops[j]);
      if (unload != nullptr && unload->module == first->module) gone = true;
      const auto* again = std::get_if<Load>(&program.ops[j]);
      if (again != nullptr && gone && again->module == first->module &&
          again->slot == first->slot) {
        return Fails(true);
      }
    }
  }
  return "";
}

TEST(Shrink, RenamesLinkedIdsInTheWholeProgram) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const ShrinkResult result = Shrink(
        Hidden("load delta @4 fail=init\nunload delta\nload delta @4\n", seed), ReloadAtSameSlot);
    EXPECT_EQ(Lines(result.program), "load alpha @0\nunload alpha\nload alpha @0\n");
    EXPECT_TRUE(result.finished);
  }
}

TEST(Shrink, DropsWhatMustGoInPairs) {
  // Fails while the number of `register` is even and the switch was used: an odd number passes.
  const auto parity = [](const Program& program) {
    return Fails(CountKind<Register>(program) % 2 == 0 && CountKind<FtraceEnabled>(program) > 0);
  };
  const Program program = Parse(
      "register o0\nregister o1\nftrace_enabled 1\nregister o2\nregister o3\nregister o4\n"
      "register o5\n");
  EXPECT_EQ(Lines(Shrink(program, parity).program), "ftrace_enabled 0\n");
}

TEST(Shrink, DropsThreeThatBelongTogether) {
  const auto thirds = [](const Program& program) {
    return Fails(CountKind<Register>(program) % 3 == 0 && CountKind<Hit>(program) > 0);
  };
  const Program program = Parse("hit probe\nregister o0\nregister o1\nregister o2\n");
  EXPECT_EQ(Lines(Shrink(program, thirds).program), "hit core_setup\n");
}

TEST(Shrink, MakesOneLoadOfAStagedOne) {
  // Fails when alpha was loaded to the end, in either way, and is then unloaded.
  const auto loaded = [](const Program& program) {
    int steps = -1;
    for (const Op& op : program.ops) {
      if (std::holds_alternative<LoadBegin>(op)) steps = 0;
      if (std::holds_alternative<LoadStep>(op) && steps >= 0) ++steps;
      if (std::holds_alternative<Load>(op)) steps = 14;
      if (std::holds_alternative<Unload>(op) && steps >= 14) return Fails(true);
    }
    return Fails(false);
  };
  std::string text = "load_begin gamma @2\n";
  for (int i = 0; i < 14; ++i) text += "load_step gamma\n";
  EXPECT_EQ(Lines(Shrink(Parse(text + "unload gamma\n"), loaded).program),
            "load alpha @0\nunload alpha\n");
}

TEST(Shrink, MakesOperandsPlain) {
  const struct {
    std::string_view op;
    std::string_view plain;
    std::size_t kind;
  } kCases[] = {
      {"load delta @5 fail=sysfs:EIO", "load alpha @0", Op(Load{}).index()},
      {"load_begin gamma @3 fail=EINVAL", "load_begin alpha @0", Op(LoadBegin{}).index()},
      {"load_step beta fail", "load_step alpha", Op(LoadStep{}).index()},
      {"notrace o5 reset !*rea?:mod:beta", "filter o0 -", Op(SetFilter{}).index()},
      {"notrace_ip o7 remove reset alpha_read+3 probe beta_open", "filter_ip o0 core_setup",
       Op(SetFilterIp{}).index()},
      {"share o3 o6", "share o0 o0", Op(Share{}).index()},
      {"ops o4 tracer save_regs ipmodify permanent", "ops o0 kernel", Op(SetOps{}).index()},
      {"hit gamma_read", "hit core_setup", Op(Hit{}).index()},
      {"locate gamma_read+7", "locate core_setup", Op(Locate{}).index()},
      {"fault stage 17 EIO", "fault record_alloc 1", Op(Fault{}).index()},
      {"notifier n6 blocking -77 unique", "notifier n0 module 0", Op(AddNotifier{}).index()},
      {"unnotifier n3", "unnotifier n0", Op(RemoveNotifier{}).index()},
      {"script n5 unformed 0x77 unregister n2", "script n0 coming done", Op(SetScript{}).index()},
      {"notify_reverse blocking unformed 55", "notify raw coming", Op(Notify{}).index()},
      {"notify_robust blocking live unformed", "notify_robust raw coming going",
       Op(NotifyRobust{}).index()},
      {"patch p2 replace delta_write probe beta:probe_shared alpha_read", "patch p0 core_setup",
       Op(SetPatch{}).index()},
      {"enable p3", "enable p0", Op(EnablePatch{}).index()},
      {"disable p2", "disable p0", Op(DisablePatch{}).index()},
  };
  for (const auto& test : kCases) {
    const auto has_kind = [&](const Program& program) {
      return Fails(std::any_of(program.ops.begin(), program.ops.end(),
                               [&](const Op& op) { return op.index() == test.kind; }));
    };
    EXPECT_EQ(Lines(Shrink(Parse(test.op), has_kind).program), std::string(test.plain) + "\n");
  }
}

TEST(Shrink, PrefersANameToAPattern) {
  // Fails while some filter's pattern begins like an alpha function.
  const auto alpha = [](const Program& program) {
    return Fails(std::any_of(program.ops.begin(), program.ops.end(), [](const Op& op) {
      const auto* set = std::get_if<SetFilter>(&op);
      return set != nullptr && set->pattern.text().starts_with("alpha_");
    }));
  };
  EXPECT_EQ(Lines(Shrink(Parse("filter o2 alpha_[a-z]*e\n"), alpha).program),
            "filter o0 alpha_open\n");
}

TEST(Shrink, PutsIndependentOperationsInOrder) {
  const auto all_three = [](const Program& program) {
    return Fails(CountKind<Register>(program) > 0 && CountKind<Load>(program) > 0 &&
                 CountKind<SetFilter>(program) > 0);
  };
  EXPECT_EQ(Lines(Shrink(Parse("register o1\nfilter o1 *\nload beta @0\n"), all_three).program),
            "load alpha @0\nfilter o0 -\nregister o0\n");
}

TEST(Shrink, RenamesAFunctionInPlacesAndPatternsAtOnce) {
  // Fails when the function hit last was named by a filter before.
  const auto named = [](const Program& program) {
    std::string_view name;
    for (const Op& op : program.ops) {
      if (const auto* set = std::get_if<SetFilter>(&op)) name = set->pattern.text();
      const auto* hit = std::get_if<Hit>(&op);
      if (hit != nullptr && program.world->function(hit->function).name == name) return Fails(true);
    }
    return Fails(false);
  };
  EXPECT_EQ(Lines(Shrink(Parse("filter o3 delta_write\nhit delta_write\n"), named).program),
            "filter o0 core_setup\nhit core_setup\n");
}

TEST(Shrink, PutsTwoLoadsInThePlaceOfAStagedOne) {
  // Fails when a filter is written between two moments at which alpha is taken to or through the
  // stage `enable`: by steps, or by two loads with an unload in between.
  const auto between = [](const Program& program) {
    int steps = -100;
    int enabled = 0;
    bool present = false;
    bool filtered = false;
    for (const Op& op : program.ops) {
      if (std::holds_alternative<LoadBegin>(op)) steps = 0;
      if (std::holds_alternative<LoadStep>(op) && ++steps == 3) filtered = enabled > 0;
      if (std::holds_alternative<LoadStep>(op) && steps == 2) ++enabled;
      if (std::holds_alternative<LoadStep>(op) && steps == 6 && filtered) return Fails(true);
      if (std::holds_alternative<Load>(op)) {
        if (!present && filtered) return Fails(true);
        if (!present) ++enabled;
        present = true;
      }
      if (std::holds_alternative<Unload>(op)) present = false;
      if (std::holds_alternative<SetFilter>(op) && enabled > 0) filtered = true;
    }
    return Fails(false);
  };
  std::string text = "load_begin alpha @0\nload_step alpha\nload_step alpha\nfilter o0 *\n";
  for (int i = 0; i < 4; ++i) text += "load_step alpha\n";
  EXPECT_EQ(Lines(Shrink(Parse(text), between).program),
            "load alpha @0\nunload alpha\nfilter o0 -\nload alpha @0\n");
}

TEST(Shrink, PrefersTheFailureWithoutTheOddKinds) {
  // It fails in two ways; dropping from the end would keep the faults and lose the plain way.
  const auto either = [](const Program& program) {
    const bool way = CountKind<Fault>(program) > 1 || CountKind<Unregister>(program) > 1;
    return Fails(way && !program.ops.empty() && std::holds_alternative<Hit>(program.ops.back()));
  };
  EXPECT_EQ(Lines(Shrink(Parse("fault stage 1\nunregister o0\nfault stage 1\nunregister o1\n"
                               "hit probe\n"),
                         either)
                      .program),
            "unregister o0\nunregister o0\nhit core_setup\n");
}

TEST(Shrink, RenumbersAFaultThatMoves) {
  // The fault must fall on the second filter, wherever it is armed.
  const auto second = [](const Program& program) {
    int filters = 0;
    int left = 0;
    for (const Op& op : program.ops) {
      if (const auto* fault = std::get_if<Fault>(&op)) {
        left = fault->point == FaultPoint::kHashCopy ? fault->nth : 0;
      }
      if (!std::holds_alternative<SetFilter>(op)) continue;
      ++filters;
      if (left > 0 && --left == 0 && filters == 2) return Fails(true);
    }
    return Fails(false);
  };
  EXPECT_EQ(Lines(Shrink(Parse("fault hash_copy 2\nfilter o0 -\nfilter o0 -\n"), second).program),
            "filter o0 -\nfault hash_copy 1\nfilter o0 -\n");
}

TEST(Shrink, ChangesTwoOperationsAtOnce) {
  // A filter and one that takes something else away from it: the names must change together.
  const auto pair = [](const Program& program) {
    if (program.ops.size() != 2) return Fails(false);
    const auto* a = std::get_if<SetFilter>(&program.ops[0]);
    const auto* b = std::get_if<SetFilter>(&program.ops[1]);
    if (a == nullptr || b == nullptr) return Fails(false);
    const bool odd = a->pattern.text() == "*" && b->pattern.text() == "!probe";
    const bool plain = a->pattern.text() == "core_setup" && b->reset && b->pattern.null();
    return Fails(odd || plain);
  };
  EXPECT_EQ(Lines(Shrink(Parse("filter o0 *\nfilter o0 !probe\n"), pair).program),
            "filter o0 core_setup\nfilter o0 reset -\n");
}

TEST(Shrink, PutsOneOperationInThePlaceOfTwo) {
  // A module that comes and goes, or fails to come, after something was registered.
  const auto gone = [](const Program& program) {
    bool registered = false;
    bool loaded = false;
    for (const Op& op : program.ops) {
      if (std::holds_alternative<Register>(op)) registered = true;
      const auto* load = std::get_if<Load>(&op);
      if (load != nullptr && load->failure) {
        if (registered) return Fails(true);
      } else if (load != nullptr) {
        loaded = true;
      }
      if (std::holds_alternative<Unload>(op) && loaded && registered) return Fails(true);
    }
    return Fails(false);
  };
  EXPECT_EQ(Lines(Shrink(Parse("load alpha @0\nregister o0\nunload alpha\n"), gone).program),
            "register o0\nload alpha @0 fail=init\n");
}

TEST(Shrink, ReachesTheEmptyProgram) {
  const auto always = [](const Program&) { return Fails(true); };
  EXPECT_THAT(Shrink(Noise(7), always).program.ops, IsEmpty());
}

}  // namespace
}  // namespace recount
