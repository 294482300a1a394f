#include "absl/status/status.h"
#include "harness/cli/command.h"
#include "harness/cli/linux_program.h"

int main(int argc, char** argv) {
  if (const absl::Status status = recount::HandOver(argc, argv); !status.ok()) {
    return recount::Complain(status);
  }
  return recount::Main(argc, argv);
}
