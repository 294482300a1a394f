// Lookup of a record by address, world `kernel`: the address index against std::map and
// std::lower_bound over a sorted array, on random and on ascending addresses.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <utility>
#include <vector>

#include "impl/fast/machine.h"
#include "model/check.h"
#include "model/world.h"

namespace recount {
namespace {

using fast::Cell;
using fast::Group;
using fast::kNoRecord;
using fast::Machine;
using fast::RecordId;

constexpr std::size_t kQueries = 1 << 16;

class Tables {
 public:
  Tables() {
    machine_.Reset(*BuiltinWorld("kernel"), FindProfile("linux-6.1")->profile);
    for (const Group& group : machine_.records.groups()) {
      for (RecordId record = group.first; record != group.end(); ++record) {
        const Address ip = machine_.layout.AddressOf(machine_.records.cells()[record]);
        map_.emplace(ip, record);
        sorted_.push_back({ip, record});
      }
    }
    std::uint64_t x = 1;
    for (std::size_t i = 0; i < kQueries; ++i) {
      x = x * 6364136223846793005u + 1442695040888963407u;
      random_.push_back(sorted_[(x >> 33) % sorted_.size()].first + (x >> 20) % 5);
      ascending_.push_back(sorted_[i % sorted_.size()].first);
    }
    for (const Address address : random_) {
      RECOUNT_CHECK(InIndex(address) != kNoRecord && InIndex(address) == InMap(address) &&
                    InIndex(address) == InSorted(address));
    }
  }

  RecordId InIndex(Address address) const { return machine_.RecordCovering(address); }
  RecordId InMap(Address address) const {
    const auto next = map_.upper_bound(address);
    return next == map_.begin() ? kNoRecord : Covering(*std::prev(next), address);
  }
  RecordId InSorted(Address address) const {
    const auto next =
        std::lower_bound(sorted_.begin(), sorted_.end(), address + 1,
                         [](const auto& entry, Address key) { return entry.first < key; });
    return next == sorted_.begin() ? kNoRecord : Covering(*std::prev(next), address);
  }
  const std::vector<Address>& queries(bool random) const { return random ? random_ : ascending_; }

 private:
  template <typename Entry>
  static RecordId Covering(const Entry& entry, Address address) {
    return address - entry.first < World::kCallSize ? entry.second : kNoRecord;
  }

  Machine machine_{BugSet()};
  std::map<Address, RecordId> map_;
  std::vector<std::pair<Address, RecordId>> sorted_;
  std::vector<Address> random_;
  std::vector<Address> ascending_;
};

const Tables& AllTables() {
  static const auto* const tables = new Tables();
  return *tables;
}

template <RecordId (Tables::*kLookup)(Address) const>
std::uint64_t LookupAll(const std::vector<Address>& queries) {
  const Tables& tables = AllTables();
  std::uint64_t sum = 0;
  for (const Address address : queries) sum += (tables.*kLookup)(address);
  return sum;
}

template <RecordId (Tables::*kLookup)(Address) const>
void Run(benchmark::State& state) {
  const std::vector<Address>& queries = AllTables().queries(state.range(0) != 0);
  for (auto _ : state) benchmark::DoNotOptimize(LookupAll<kLookup>(queries));
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kQueries));
}

void BM_Lookup_Fast(benchmark::State& state) { Run<&Tables::InIndex>(state); }
void BM_Lookup_Map(benchmark::State& state) { Run<&Tables::InMap>(state); }
void BM_Lookup_LowerBound(benchmark::State& state) { Run<&Tables::InSorted>(state); }
BENCHMARK(BM_Lookup_Fast)->ArgName("random")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Lookup_Map)->ArgName("random")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_Lookup_LowerBound)->ArgName("random")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);

template <RecordId (Tables::*kLookup)(Address) const>
double Seconds(const std::vector<Address>& queries) {
  const auto begin = std::chrono::steady_clock::now();
  benchmark::DoNotOptimize(LookupAll<kLookup>(queries));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// All in turns. Both counters are to be above 1.
void BM_Lookup_Ratio(benchmark::State& state) {
  const std::vector<Address>& queries = AllTables().queries(state.range(0) != 0);
  double fast = 0;
  double map = 0;
  double lower_bound = 0;
  for (auto _ : state) {
    fast += Seconds<&Tables::InIndex>(queries);
    map += Seconds<&Tables::InMap>(queries);
    lower_bound += Seconds<&Tables::InSorted>(queries);
  }
  state.counters["map_over_fast"] = map / fast;
  state.counters["lower_bound_over_fast"] = lower_bound / fast;
}
BENCHMARK(BM_Lookup_Ratio)->ArgName("random")->Arg(1)->Arg(0)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace recount
