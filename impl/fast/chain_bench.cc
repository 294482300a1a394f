// Chains of 1,000, 10,000 and 100,000 notifiers of 64 priorities: calling all, a robust call that
// the last one stops, and taking one from the middle off and putting it back.
#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstdint>

#include "impl/fast/chain.h"
#include "model/check.h"

namespace recount {
namespace {

using fast::Direction;
using fast::NotifierChain;
using Entry = NotifierChain::Entry;

constexpr Entry kPriorities = 64;

// Neighbours on the list are neighbours in memory, so that it is steps that are counted, and not
// the caches that a scattered list falls out of.
class LongChain {
 public:
  explicit LongChain(Entry size) : size_(size) {
    chain_.Reset(size);
    for (Entry entry = 0; entry < size; ++entry) {
      RECOUNT_CHECK(chain_.Register(entry, Priority(entry), false) == Errno::kOk);
    }
  }

  void CallAll() {
    const auto called =
        chain_.Call(chain_.first(), Direction::kForward, NotifierChain::kAll,
                    [this](Entry entry) { return Hear(entry, NotifierChain::kNone); });
    RECOUNT_CHECK(called.count == size_);
  }
  void CallRobust(Direction rollback) {
    const Entry last = chain_.last();
    const auto called = chain_.Call(chain_.first(), Direction::kForward, NotifierChain::kAll,
                                    [this, last](Entry entry) { return Hear(entry, last); });
    RECOUNT_CHECK(called.count == size_ && called.stopper == last);
    chain_.RollBack(called, rollback,
                    [this](Entry entry) { return Hear(entry, NotifierChain::kNone); });
  }
  // One after the other of the middle half of the list.
  void Replace() {
    turn_ = (turn_ + 1) % (size_ / 2);
    const Entry entry = size_ / 4 + turn_;
    chain_.Unregister(entry);
    RECOUNT_CHECK(chain_.Register(entry, Priority(entry), false) == Errno::kOk);
  }

 private:
  std::int32_t Priority(Entry entry) const {
    return -static_cast<std::int32_t>(std::uint64_t{entry} * kPriorities / size_);
  }
  Answer Hear(Entry entry, Entry stopper) {
    heard_ += entry;
    return entry == stopper ? kNotifyBad : kNotifyOk;
  }

  NotifierChain chain_;
  Entry size_;
  Entry turn_ = 0;
  std::uint64_t heard_ = 0;
};

void Sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgName("notifiers")->Arg(1000)->Arg(10000)->Arg(100000);
}

void BM_Chain_Call(benchmark::State& state) {
  LongChain chain(static_cast<Entry>(state.range(0)));
  for (auto _ : state) chain.CallAll();
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Chain_Call)->Apply(Sizes)->Unit(benchmark::kMicrosecond);

void BM_Chain_RobustStoppedByTheLast(benchmark::State& state) {
  LongChain chain(static_cast<Entry>(state.range(0)));
  for (auto _ : state) chain.CallRobust(Direction::kReverse);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Chain_RobustStoppedByTheLast)->Apply(Sizes)->Unit(benchmark::kMicrosecond);

void BM_Chain_UnregisterAndRegister(benchmark::State& state) {
  LongChain chain(static_cast<Entry>(state.range(0)));
  for (auto _ : state) chain.Replace();
}
BENCHMARK(BM_Chain_UnregisterAndRegister)->Apply(Sizes);

template <typename Work>
double NanosecondsOf(const Work& work, int times) {
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) work();
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  return took.count() / times;
}

// How much longer it takes with ten times the notifiers, from 1,000 to 10,000 and from there to
// 100,000: calls are to be near 10 (linear; more where the list leaves a cache), unregistering and
// registering near 1.
void BM_Chain_Ratio(benchmark::State& state) {
  std::array<LongChain, 3> chains = {LongChain(1000), LongChain(10000), LongChain(100000)};
  std::array<double, 3> call{}, robust{}, replace{};
  for (auto _ : state) {
    for (std::size_t i = 0; i < chains.size(); ++i) {
      LongChain& chain = chains[i];
      const int times = i == 0 ? 100 : i == 1 ? 10 : 1;
      call[i] += NanosecondsOf([&chain] { chain.CallAll(); }, times);
      robust[i] += NanosecondsOf([&chain] { chain.CallRobust(Direction::kReverse); }, times);
      replace[i] += NanosecondsOf([&chain] { chain.Replace(); }, 1000);
    }
  }
  state.counters["call_10k"] = call[1] / call[0];
  state.counters["call_100k"] = call[2] / call[1];
  state.counters["robust_10k"] = robust[1] / robust[0];
  state.counters["robust_100k"] = robust[2] / robust[1];
  state.counters["unregister_10k"] = replace[1] / replace[0];
  state.counters["unregister_100k"] = replace[2] / replace[1];
}
BENCHMARK(BM_Chain_Ratio)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace recount
