// Registering 1,000 and 10,000 kprobes on call sites of world `kernel`, one by one, and taking them
// off again: the code is that of the operations, on a table with more probes than a Program can
// name. Beside it the least that the kernel does for each of them: a look at every record.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "impl/fast/kprobes.h"
#include "impl/fast/machine.h"
#include "model/check.h"
#include "model/profile.h"
#include "model/world.h"

namespace recount {
namespace {

using fast::Machine;
using fast::ProbeId;

class ManyKprobes {
 public:
  explicit ManyKprobes(ProbeId count) : machine_(BugSet()) {
    const WorldPtr world = *BuiltinWorld("kernel");
    machine_.Reset(world, FindProfile("linux-6.1")->profile);
    machine_.kprobes.Reset(count);
    std::vector<FunctionId> sites;
    for (std::uint32_t i = 0; i < world->core().count; ++i) {
      const auto id = static_cast<FunctionId>(i);
      if (world->function(id).kind == FunctionKind::kText) sites.push_back(id);
    }
    RECOUNT_CHECK(sites.size() >= count);
    // All over the text, in no order of addresses: a step that has no divisor in common with their
    // number meets each once.
    constexpr std::size_t kStep = 7919;
    RECOUNT_CHECK(sites.size() % kStep != 0);
    for (std::size_t i = 0; i < count; ++i) places_.push_back({sites[i * kStep % sites.size()]});
  }

  void RegisterAll() {
    for (ProbeId id = 0; id < places_.size(); ++id) {
      const Errno error = fast::RegisterProbe(machine_, id, {.place = places_[id]});
      RECOUNT_CHECK(error == Errno::kOk);
    }
    RECOUNT_CHECK(machine_.ops.KprobeFilter(kKprobeOps).size() == places_.size());
  }
  void UnregisterAll() {
    for (ProbeId id = 0; id < places_.size(); ++id) {
      RECOUNT_CHECK(fast::UnregisterProbe(machine_, id) == Errno::kOk);
    }
    RECOUNT_CHECK(!machine_.ops.registered(kKprobeOps));
  }
  // What one walk over all records costs, when it does no more than look at a flag.
  std::uint32_t LookAtAllRecords() const {
    std::uint32_t disabled = 0;
    for (const fast::Group& group : machine_.records.groups()) {
      for (fast::RecordId record = group.first; record != group.end(); ++record) {
        disabled += machine_.records.flags()[record] & kDisabled;
      }
    }
    return disabled;
  }

 private:
  Machine machine_;
  std::vector<Place> places_;
};

template <typename Work>
double NanosecondsOf(const Work& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count();
}

// Nanoseconds a probe, with 1,000 and with 10,000 of them; the factor between is to be near 1, a
// little more for the depth of the trees and the caches they fall out of. walk_over_register: how
// many registrations one bare look at every record would pay for.
void BM_Kprobes_Register(benchmark::State& state) {
  std::array<ManyKprobes, 2> sides = {ManyKprobes(1000), ManyKprobes(10000)};
  std::array<double, 2> up{}, down{};
  double walk = 0;
  for (auto _ : state) {
    for (std::size_t i = 0; i < sides.size(); ++i) {
      const int times = i == 0 ? 10 : 1;
      for (int n = 0; n < times; ++n) {
        up[i] += NanosecondsOf([&] { sides[i].RegisterAll(); }) / 10000;
        down[i] += NanosecondsOf([&] { sides[i].UnregisterAll(); }) / 10000;
      }
    }
    walk += NanosecondsOf([&] { benchmark::DoNotOptimize(sides[0].LookAtAllRecords()); });
  }
  const auto mean = [](double total) {
    return benchmark::Counter(total, benchmark::Counter::kAvgIterations);
  };
  state.counters["register_1k_ns"] = mean(up[0]);
  state.counters["register_10k_ns"] = mean(up[1]);
  state.counters["register_factor"] = up[1] / up[0];
  state.counters["unregister_10k_ns"] = mean(down[1]);
  state.counters["unregister_factor"] = down[1] / down[0];
  state.counters["walk_over_register"] = walk / up[1];
}
BENCHMARK(BM_Kprobes_Register)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace recount
