// Changing the filter of a registered ops, world `kernel`: the symmetric difference against the
// walk over all records that the kernel makes.
//
// The walk is written as the kernel has it: an array of {ip, flags}, a chained hash table, a walk
// that counts down what the old hash matches, one that counts up what the new one matches, and one
// that looks for records to patch.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "impl/fast/fast.h"
#include "model/check.h"
#include "model/world.h"

namespace recount {
namespace {

constexpr std::size_t kFunctions = 10;

WorldPtr KernelWorld() { return *BuiltinWorld("kernel"); }

// Two prefix patterns that match ten functions of the core each, none of them the same.
std::array<Pattern, 2> TwoPatterns(const World& world) {
  std::vector<std::string> names;
  for (const Function& function : world.functions().first(world.core().count)) {
    if (function.kind == FunctionKind::kText) names.push_back(function.name);
  }
  std::sort(names.begin(), names.end());
  std::array<Pattern, 2> found;
  std::size_t count = 0;
  for (std::size_t i = 1; i + kFunctions < names.size() && count < 2; ++i) {
    // As long as what names[i] and the last of the ten share.
    const std::string& last = names[i + kFunctions - 1];
    const auto end = std::mismatch(names[i].begin(), names[i].end(), last.begin(), last.end());
    const std::string prefix(names[i].begin(), end.first);
    if (prefix.empty() || names[i - 1].starts_with(prefix) ||
        names[i + kFunctions].starts_with(prefix)) {
      continue;
    }
    found[count++] = Pattern::Must(prefix + "*");
    i += kFunctions;
  }
  RECOUNT_CHECK(count == 2);
  return found;
}

// The fast implementation, one ops registered with the first of two filters.
class FastSide {
 public:
  FastSide() : patterns_(TwoPatterns(*KernelWorld())), subject_(MakeFast()) {
    subject_->Reset(KernelWorld(), FindProfile("linux-6.1")->profile);
    Change();
    RECOUNT_CHECK(subject_->Apply(Register{OpsId{0}}).rc == 0);
    View view;
    subject_->Observe(&view);
    RECOUNT_CHECK(view.ops[0].filter.ips.size() == kFunctions);
  }
  // The pattern is matched, the hash replaced, counts and text brought up to date.
  void Change() {
    turn_ ^= 1;
    const Outcome outcome = subject_->Apply(SetFilter{
        .which = Which::kFilter, .ops = OpsId{0}, .reset = true, .pattern = patterns_[turn_]});
    RECOUNT_CHECK(outcome.rc == 0);
  }

 private:
  std::array<Pattern, 2> patterns_;
  std::unique_ptr<Subject> subject_;
  std::size_t turn_ = 0;
};

// The kernel's way.
class WalkSide {
 public:
  WalkSide() {
    const WorldPtr world = KernelWorld();
    for (const Function& function : world->functions().first(world->core().count)) {
      if (!World::HasRecord(function.kind)) continue;
      records_.push_back(
          {World::kCoreBase + Address{function.position} * World::kFunctionStride, 0});
    }
    for (std::size_t i = 0; i < kFunctions; ++i) {
      hashes_[0].Add(records_[i * 700 + 11].ip);
      hashes_[1].Add(records_[i * 900 + 13].ip);
    }
    Walk(hashes_[turn_], +1);
  }
  void Change() {
    Walk(hashes_[turn_], -1);
    turn_ ^= 1;
    Walk(hashes_[turn_], +1);
    for (Record& record : records_) {
      const bool wanted = (record.flags & kCountMask) != 0;
      const bool current = (record.flags & kEnabledBit) != 0;
      if (wanted != current) record.flags ^= kEnabledBit;
    }
  }

 private:
  static constexpr std::uint64_t kCountMask = (1u << 23) - 1;
  static constexpr std::uint64_t kDisabledBit = 1u << 25;
  static constexpr std::uint64_t kEnabledBit = 1u << 31;
  struct Record {
    Address ip;
    std::uint64_t flags;
  };
  // Ten entries go into eight buckets (bits = fls(count / 2)).
  struct Hash {
    static constexpr unsigned kBits = 3;
    std::array<std::vector<Address>, 1u << kBits> buckets;
    static std::size_t Bucket(Address ip) { return ip * 0x61c8864680b583ebu >> (64 - kBits); }
    void Add(Address ip) { buckets[Bucket(ip)].push_back(ip); }
    bool Has(Address ip) const {
      for (const Address entry : buckets[Bucket(ip)]) {
        if (entry == ip) return true;
      }
      return false;
    }
  };

  void Walk(const Hash& hash, int step) {
    for (Record& record : records_) {
      if ((record.flags & kDisabledBit) != 0 || !hash.Has(record.ip)) continue;
      record.flags += static_cast<std::uint64_t>(static_cast<std::int64_t>(step));
    }
  }

  std::vector<Record> records_;
  std::array<Hash, 2> hashes_;
  std::size_t turn_ = 0;
};

void BM_FilterChange_Fast(benchmark::State& state) {
  FastSide side;
  for (auto _ : state) side.Change();
}
BENCHMARK(BM_FilterChange_Fast);

void BM_FilterChange_WalkAllRecords(benchmark::State& state) {
  WalkSide side;
  for (auto _ : state) {
    side.Change();
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_FilterChange_WalkAllRecords)->Unit(benchmark::kMicrosecond);

template <typename Side>
double NanosecondsEach(Side* side, int times) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) {
    side->Change();
    benchmark::ClobberMemory();
  }
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / times;
}

// Both in turns, so that what disturbs one disturbs the other. walk_over_fast is to be >= 100.
void BM_FilterChange_Ratio(benchmark::State& state) {
  FastSide fast;
  WalkSide walk;
  double fast_ns = 0;
  double walk_ns = 0;
  for (auto _ : state) {
    fast_ns += NanosecondsEach(&fast, 1000);
    walk_ns += NanosecondsEach(&walk, 10);
  }
  state.counters["fast_ns"] = benchmark::Counter(fast_ns, benchmark::Counter::kAvgIterations);
  state.counters["walk_ns"] = benchmark::Counter(walk_ns, benchmark::Counter::kAvgIterations);
  state.counters["walk_over_fast"] = walk_ns / fast_ns;
}
BENCHMARK(BM_FilterChange_Ratio)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace recount
