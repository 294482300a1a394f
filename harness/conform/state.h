// The recorded state after a step against a View of the model.
#ifndef RECOUNT_HARNESS_CONFORM_STATE_H_
#define RECOUNT_HARNESS_CONFORM_STATE_H_

#include <map>
#include <string>
#include <vector>

#include "harness/conform/deviations.h"
#include "harness/conform/left_out.h"
#include "harness/conform/recording.h"
#include "harness/conform/universe.h"
#include "model/view.h"

namespace recount {

// Names for addresses, as the recorder gives them: by what is there now, else by what was last.
class AddressNames {
 public:
  explicit AddressNames(const Universe& universe) : universe_(universe) {}
  // Learns where every module that is present now has its functions.
  void Learn(const View& view);
  // "mod:fn", "stale mod:fn"; a core function has no prefix.
  std::string Name(const View& view, Address address) const;

 private:
  const Universe& universe_;
  std::map<Address, FunctionId> last_;
};

// Every mismatch, in the order modules, records, enabled_functions, ops, tracefs
// lines. init text is not compared:
// when its records go relative to the moment of recording is not determined.
std::vector<Mismatch> CompareState(const Universe& universe, const AddressNames& names,
                                   const RecordedStep& step, const View& view,
                                   LeftOutCounts* left_out);

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_STATE_H_
