#include "harness/conform/module_notifiers.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "model/errno.h"

namespace recount {

bool ModuleNotifiers::Apply(std::span<const std::string> words, int rc) {
  if (words.size() < 3) return false;
  const std::string& name = words[1];
  const std::string& verb = words[2];
  if (verb == "reg" && words.size() == 4) {
    int priority = 0;
    if (!absl::SimpleAtoi(words[3], &priority)) return false;
    if (rc != 0) return true;  // already registered: it keeps its place
    const auto behind = std::find_if(chain_.begin(), chain_.end(), [priority](const Notifier& n) {
      return n.priority < priority;
    });
    chain_.insert(behind, {name, priority});
    return true;
  }
  if (verb == "unreg" && words.size() == 3) {
    if (rc == 0) std::erase_if(chain_, [&name](const Notifier& n) { return n.name == name; });
    return true;
  }
  if (verb == "clr" && words.size() == 3) {
    coming_.erase(name);
    return true;
  }
  if (verb != "ret" || words.size() != 5) return false;
  if (words[3] != "COMING") return words[3] == "LIVE" || words[3] == "GOING";
  Answer answer;
  int error = 0;
  if (words[4] == "done" || words[4] == "ok") {
    answer = {.stop = false, .rc = 0};
  } else if (words[4] == "stop" || words[4] == "stopmask") {
    answer = {.stop = true, .rc = 0};
  } else if (words[4] == "bad") {
    answer = {.stop = true, .rc = Rc(Errno::kPerm)};
  } else if (absl::SimpleAtoi(words[4], &error) && error < 0) {
    answer = {.stop = true, .rc = error};
  } else {
    return false;
  }
  coming_[name] = answer;
  return true;
}

int ModuleNotifiers::ComingRc() const {
  for (const Notifier& notifier : chain_) {
    const auto it = coming_.find(notifier.name);
    if (it != coming_.end() && it->second.stop) return it->second.rc;
  }
  return 0;
}

}  // namespace recount
