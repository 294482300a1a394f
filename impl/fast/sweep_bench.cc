// Tracing everything, 1,000,000 records: register and unregister against a plain sweep that reads
// and writes the same bytes; and what a record takes in memory.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "impl/fast/fast.h"
#include "impl/fast/machine.h"
#include "model/check.h"
#include "model/world.h"

namespace recount {
namespace {

constexpr std::uint32_t kRecords = 1000000;
// users, count, flags, site: a record's bytes but for its cell, which no sweep looks at.
constexpr std::uint32_t kBytesSwept = 4;

WorldPtr MillionWorld() {
  static const auto* const world = [] {
    World::Definition definition{.name = "million"};
    definition.core.functions.reserve(kRecords);
    for (std::uint32_t i = 0; i < kRecords; ++i) {
      definition.core.functions.emplace_back(std::to_string(i).insert(0, 1, 'f'),
                                             FunctionKind::kText);
    }
    definition.slots = {0};
    absl::StatusOr<WorldPtr> made = World::Make(std::move(definition));
    RECOUNT_CHECK(made.ok());
    return new WorldPtr(*std::move(made));
  }();
  return *world;
}

const Profile& Now() { return FindProfile("linux-6.1")->profile; }

void RegisterAndUnregister(Subject* subject) {
  RECOUNT_CHECK(subject->Apply(Register{OpsId{0}}).rc == 0);
  RECOUNT_CHECK(subject->Apply(Unregister{OpsId{0}}).rc == 0);
}

// Twice: once for the register, once for the unregister.
void SweepTwice(std::vector<std::uint8_t>* bytes) {
  for (int i = 0; i < 2; ++i) {
    for (std::uint8_t& byte : *bytes) byte ^= 0x11;
    benchmark::ClobberMemory();
  }
}

void BM_TraceAll_RegisterUnregister(benchmark::State& state) {
  const auto subject = MakeFast();
  subject->Reset(MillionWorld(), Now());
  for (auto _ : state) RegisterAndUnregister(subject.get());
}
BENCHMARK(BM_TraceAll_RegisterUnregister)->Unit(benchmark::kMicrosecond);

void BM_TraceAll_PlainSweep(benchmark::State& state) {
  std::vector<std::uint8_t> bytes(std::size_t{kRecords} * kBytesSwept);
  for (auto _ : state) SweepTwice(&bytes);
}
BENCHMARK(BM_TraceAll_PlainSweep)->Unit(benchmark::kMicrosecond);

// Both in turns. fast_over_sweep is to be <= 3.
void BM_TraceAll_Ratio(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  using Microseconds = std::chrono::duration<double, std::micro>;
  const auto subject = MakeFast();
  subject->Reset(MillionWorld(), Now());
  std::vector<std::uint8_t> bytes(std::size_t{kRecords} * kBytesSwept);
  double fast_us = 0;
  double sweep_us = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    RegisterAndUnregister(subject.get());
    const auto middle = Clock::now();
    SweepTwice(&bytes);
    fast_us += Microseconds(middle - begin).count();
    sweep_us += Microseconds(Clock::now() - middle).count();
  }
  state.counters["fast_us"] = benchmark::Counter(fast_us, benchmark::Counter::kAvgIterations);
  state.counters["sweep_us"] = benchmark::Counter(sweep_us, benchmark::Counter::kAvgIterations);
  state.counters["fast_over_sweep"] = fast_us / sweep_us;
}
BENCHMARK(BM_TraceAll_Ratio)->Unit(benchmark::kMicrosecond);

// Columns, groups and address index (reverse index included), divided by the records there are.
// Names are the World's, and their sorted order (NameIndex, four bytes a function) is what kallsyms
// is to the kernel: neither is counted.
double BytesPerRecord(const fast::Machine& m) {
  return static_cast<double>(m.records.bytes() + m.index.bytes()) / m.records.live_records();
}

// 1,000,000 core records; world `kernel` with as many of its modules loaded as have a slot.
void BM_BytesPerRecord(benchmark::State& state) {
  fast::Machine million((BugSet()));
  const WorldPtr kernel = *BuiltinWorld("kernel");
  const auto subject = MakeFast();
  double of_kernel = 0;
  std::uint32_t records = 0;
  million.Reset(MillionWorld(), Now());
  for (auto _ : state) {
    fast::Machine m((BugSet()));
    m.Reset(kernel, Now());
    for (std::size_t i = 0; i < kernel->modules().size() && i < kernel->slot_count(); ++i) {
      const Module& module = kernel->modules()[i];
      m.records.Create({.owner = static_cast<ModuleId>(i),
                        .base = m.layout.SlotCell(static_cast<SlotId>(i)),
                        .first = module.first,
                        .functions = kernel->functions().subspan(module.first, module.count)},
                       /*disabled=*/false, &m.faults);
    }
    of_kernel = BytesPerRecord(m);
    records = m.records.live_records();
  }
  state.counters["bytes_per_record"] = BytesPerRecord(million);
  state.counters["kernel_bytes_per_record"] = of_kernel;
  state.counters["kernel_records"] = records;
}
BENCHMARK(BM_BytesPerRecord)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace recount
