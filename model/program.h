// A Program: the only currency between finders, subjects, shrinker and exporters.
#ifndef RECOUNT_MODEL_PROGRAM_H_
#define RECOUNT_MODEL_PROGRAM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "model/op.h"
#include "model/profile.h"
#include "model/world.h"

namespace recount {

struct Program {
  WorldPtr world;                         // never null
  const NamedProfile* profile = nullptr;  // never null; points into Profiles()
  bool from_boot = false;                 // starts in Phase::kStart, not after boot
  std::vector<Op> ops;

  // What the text form carries beside the operations. Neither takes part in running or comparing.
  // Comment lines above the header, without "# ".
  std::vector<std::string> notes;
  // Either empty or one entry an operation: the text behind "->", "" where there is none.
  std::vector<std::string> margin;
  // Where `margin` was read from a text: the line each operation stands in, from 1; else empty.
  std::vector<std::size_t> margin_lines;

  // What a subject is Reset() to.
  Profile Rules() const {
    Profile rules = profile->profile;
    rules.start = from_boot ? Profile::Start::kBoot : Profile::Start::kRunning;
    return rules;
  }

  // Same world (by name), same profile and start, same operations.
  friend bool operator==(const Program& a, const Program& b) {
    return a.world->name() == b.world->name() && a.profile == b.profile &&
           a.from_boot == b.from_boot && a.ops == b.ops;
  }
};

}  // namespace recount

#endif  // RECOUNT_MODEL_PROGRAM_H_
