// What every pass of the shrinker works on: the best Program so far, and the way to a better one.
// A pass proposes candidates; Try() runs only those that are strictly simpler than the best, were
// never tried, and are within the limits. So no pass has to argue that it ends.
#ifndef RECOUNT_HARNESS_SHRINK_SEARCH_H_
#define RECOUNT_HARNESS_SHRINK_SEARCH_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "harness/shrink/shrink.h"
#include "model/op.h"
#include "model/program.h"

namespace recount {

class ShrinkSearch {
 public:
  // Runs `program` once for its signature. The references must outlive this.
  ShrinkSearch(const Program& program, const FailureSignature& fails, const ShrinkLimits& limits,
               const ShrinkProgress& progress);

  const World& world() const { return *candidate_.world; }
  const std::vector<Op>& best() const { return best_; }
  std::size_t size() const { return best_.size(); }
  // True: the candidate fails the same way, is simpler, and is the best now.
  bool Try(std::vector<Op> candidate);
  // A limit is reached; Try() says no to everything.
  bool stopped() const { return stopped_; }

  ShrinkResult Take() &&;

 private:
  bool Same(const std::string& signature) const;

  const FailureSignature& fails_;
  const ShrinkLimits& limits_;
  const ShrinkProgress& progress_;
  const std::chrono::steady_clock::time_point start_;
  std::string original_signature_;
  std::string best_signature_;
  std::vector<Op> best_;
  Program candidate_;  // header of the original, operations of the last candidate
  std::uint64_t tries_ = 0;
  bool stopped_ = false;
  // Asked for membership only: its order reaches nothing.
  std::unordered_set<std::uint64_t> tried_;
  std::map<std::string, Program> first_seen_;
};

// The passes. Each is true when it found something simpler; each may be called again until it is
// not.
bool DropTail(ShrinkSearch* search);            // what comes after the failure
bool DropKinds(ShrinkSearch* search);           // all operations of a kind
bool DropBlocks(ShrinkSearch* search);          // halves, quarters, .. single operations
bool DropPairs(ShrinkSearch* search);           // any two; any three of a short Program
bool MergeLoads(ShrinkSearch* search);          // a staged load into one load or two
bool ReplaceProbedLoads(ShrinkSearch* search);  // one with a kprobe between its stages by notifiers
bool RenameIds(ShrinkSearch* search);          // ops, modules, slots, functions, all places at once
bool SimplifyOne(ShrinkSearch* search);        // operands of one operation
bool ReplaceOne(ShrinkSearch* search);         // one operation by any simpler one
bool Reorder(ShrinkSearch* search);            // one operation to another place
bool ReplacePair(ShrinkSearch* search);        // two operations by simpler ones of their kinds
bool ReplaceTwo(ShrinkSearch* search);         // two operations by any one, anywhere
bool ReplaceAndName(ShrinkSearch* search);     // one or two, and the name in a filter with them
bool ReplaceStagedLoad(ShrinkSearch* search);  // a staged load by a load and two others
// Of Programs with notifiers, livepatches and kprobes.
bool ReplaceRefusals(ShrinkSearch* search);  // whoever refuses a load by a load that fails
bool ReplaceCalls(ShrinkSearch* search);     // a chain that is called by the loader's
bool ReplacePatches(ShrinkSearch* search);   // a livepatch by an ops
bool RefusePatches(ShrinkSearch* search);    // what makes a livepatch fail by its own function
bool ReplaceKprobes(ShrinkSearch* search);   // a kprobe by an ops
bool ReplaceIpModify(ShrinkSearch* search);  // an IPMODIFY ops, in three, by a livepatch, in two
bool SortFunctions(ShrinkSearch* search);    // those of a livepatch
bool LowerOffsets(ShrinkSearch* search);     // kprobes, together, to the instructions before

}  // namespace recount

#endif  // RECOUNT_HARNESS_SHRINK_SEARCH_H_
