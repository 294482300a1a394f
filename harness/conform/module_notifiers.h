// The guest's module notifiers, as far as they can change ftrace's state: which errno a load gets
// when one of them refuses the state COMING.
//
// The notifiers log and return what they were told to. Called in order of priority (the higher
// first, equal ones as registered), they run until one returns a value with the stop bit; an error
// in it fails the load at its stage `coming`. What they return for LIVE and GOING changes nothing.
#ifndef RECOUNT_HARNESS_CONFORM_MODULE_NOTIFIERS_H_
#define RECOUNT_HARNESS_CONFORM_MODULE_NOTIFIERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace recount {

class ModuleNotifiers {
 public:
  // `nb` and its operands, with what the kernel answered. False when it is not understood, or gives
  // a raw value whose effect depends on notifiers of the kernel's own.
  bool Apply(std::span<const std::string> words, int rc);

  // What a load gets at `coming`: 0 or -errno.
  int ComingRc() const;

 private:
  struct Answer {
    bool stop = false;
    int rc = 0;
  };
  struct Notifier {
    std::string name;
    int priority = 0;
  };
  std::vector<Notifier> chain_;           // in the order they are called
  std::map<std::string, Answer> coming_;  // by notifier
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_CONFORM_MODULE_NOTIFIERS_H_
