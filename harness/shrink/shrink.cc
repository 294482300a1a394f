#include "harness/shrink/shrink.h"

#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/shrink/search.h"
#include "harness/shrink/simpler.h"
#include "model/check.h"

namespace recount {
namespace {

std::string_view Class(std::string_view signature) {
  return signature.substr(0, signature.find(':'));
}

}  // namespace

ShrinkSearch::ShrinkSearch(const Program& program, const FailureSignature& fails,
                           const ShrinkLimits& limits, const ShrinkProgress& progress)
    : fails_(fails),
      limits_(limits),
      progress_(progress),
      start_(std::chrono::steady_clock::now()),
      best_(program.ops) {
  candidate_.world = program.world;
  candidate_.profile = program.profile;
  candidate_.from_boot = program.from_boot;
  candidate_.notes = program.notes;
  candidate_.ops = program.ops;
  original_signature_ = best_signature_ = fails_(candidate_);
  RECOUNT_CHECK(!original_signature_.empty());
  ++tries_;
  tried_.insert(Fingerprint(best_));
  first_seen_.emplace(original_signature_, candidate_);
}

bool ShrinkSearch::Same(const std::string& signature) const {
  return limits_.same == SameBug::kSignature ? signature == original_signature_
                                             : Class(signature) == Class(original_signature_);
}

bool ShrinkSearch::Try(std::vector<Op> candidate) {
  if (stopped_) return false;
  if (!SimplerOps(world(), candidate, best_)) return false;
  if (!tried_.insert(Fingerprint(candidate)).second) return false;
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
  if (tries_ >= limits_.max_tries || spent.count() >= limits_.max_seconds) {
    stopped_ = true;
    return false;
  }
  ++tries_;
  candidate_.ops = std::move(candidate);
  const std::string signature = fails_(candidate_);
  if (signature.empty()) return false;
  first_seen_.try_emplace(signature, candidate_);
  if (!Same(signature)) return false;
  best_ = candidate_.ops;
  best_signature_ = signature;
  if (progress_) progress_(candidate_, tries_);
  return true;
}

ShrinkResult ShrinkSearch::Take() && {
  ShrinkResult result;
  candidate_.ops = std::move(best_);
  result.program = std::move(candidate_);
  result.signature = best_signature_;
  result.tries = tries_;
  result.finished = !stopped_;
  first_seen_.erase(best_signature_);
  for (auto& [signature, program] : first_seen_) {
    result.others.emplace_back(signature, std::move(program));
  }
  return result;
}

namespace {

// The same without booting, when that fails in the same way: what is not about boot starts behind
// it.
std::optional<Program> AfterBoot(const Program& program, const FailureSignature& fails,
                                 SameBug same) {
  if (!program.from_boot) return std::nullopt;
  Program after = program;
  after.from_boot = false;
  std::erase_if(after.ops, [](const Op& op) { return std::holds_alternative<Boot>(op); });
  const std::string was = fails(program);
  if (was.empty()) return std::nullopt;
  const std::string is = fails(after);
  const bool equal = same == SameBug::kSignature ? is == was : Class(is) == Class(was);
  return equal ? std::optional(std::move(after)) : std::nullopt;
}

ShrinkResult ShrinkFrom(const Program& program, const FailureSignature& fails,
                        const ShrinkLimits& limits, const ShrinkProgress& progress) {
  ShrinkSearch search(program, fails, limits, progress);
  DropTail(&search);
  // From the cheap passes to the dear ones; after any success from the start again, because a
  // renamed id or a plainer operand is what lets another operation go. It ends when no pass finds
  // anything: a joint fixpoint.
  constexpr bool (*kPasses[])(ShrinkSearch*) = {
      DropKinds,          DropBlocks,    ReplaceRefusals, ReplaceCalls,    MergeLoads,
      ReplaceProbedLoads, RenameIds,     SortFunctions,   SimplifyOne,     DropPairs,
      ReplacePatches,     RefusePatches, ReplaceKprobes,  ReplaceOne,      Reorder,
      ReplacePair,        ReplaceTwo,    ReplaceAndName,  ReplaceIpModify, ReplaceStagedLoad,
      LowerOffsets};
  for (std::size_t i = 0; i < std::size(kPasses) && !search.stopped();) {
    i = kPasses[i](&search) ? 0 : i + 1;
  }
  return std::move(search).Take();
}

}  // namespace

ShrinkResult Shrink(const Program& program, const FailureSignature& fails,
                    const ShrinkLimits& limits, const ShrinkProgress& progress) {
  const std::optional<Program> after = AfterBoot(program, fails, limits.same);
  ShrinkResult result = ShrinkFrom(after ? *after : program, fails, limits, progress);
  // What is left of it may be about boot no more, where the whole of it was.
  const std::optional<Program> later = AfterBoot(result.program, fails, limits.same);
  if (!later || !result.finished) return result;
  ShrinkResult rest = ShrinkFrom(*later, fails, limits, progress);
  rest.tries += result.tries;
  std::map<std::string, Program> others;
  for (ShrinkResult* part : {&result, &rest}) {
    for (auto& [signature, other] : part->others) others.emplace(signature, std::move(other));
  }
  others.erase(rest.signature);
  rest.others.assign(others.begin(), others.end());
  return rest;
}

}  // namespace recount
