// What the program says to a script.
#ifndef RECOUNT_HARNESS_CLI_EXIT_CODE_H_
#define RECOUNT_HARNESS_CLI_EXIT_CODE_H_

namespace recount {

enum ExitCode : int {
  kExitAgree = 0,
  kExitDivergence = 1,
  kExitBadInput = 2,
  kExitUnknown = 3,
};

inline constexpr char kExitCodeText[] =
    "Exit codes: 0 agree, 1 divergence found, 2 bad input or usage, 3 unknown (crash of the\n"
    "reference, timeout, interrupted, an operation the subject does not speak).";

// The code of several results together: bad input must be seen, then a divergence, then doubt.
constexpr int WorseExit(int a, int b) {
  constexpr int kRank[] = {0, 2, 3, 1};
  return kRank[a] >= kRank[b] ? a : b;
}

}  // namespace recount

#endif  // RECOUNT_HARNESS_CLI_EXIT_CODE_H_
