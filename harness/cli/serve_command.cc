// recount serve: what `recount equiv` starts for a side that is another program.
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>

#include "harness/cli/command.h"
#include "harness/cli/exit_code.h"
#include "harness/cli/serve.h"

namespace recount {

Command ServeCommand() {
  auto subject = std::make_shared<std::string>("fast");
  return {
      .name = "serve",
      .about = "Play programs from standard input on a subject, for another recount",
      .examples =
          "Not for the keyboard: harness/cli/serve.h says what goes over the two streams.\n"
          "\n"
          "Examples:\n"
          "  recount equiv --left linux:6.1 --right linux:6.12    starts two of them",
      .arguments = {{.name = "--subject",
                     .value = subject.get(),
                     .type = "S",
                     .help = "Which subject [fast]"}},
      .run =
          [subject](const auto&) {
            const absl::StatusOr<SubjectFactory> make = SubjectNamed(*subject);
            if (!make.ok()) return Complain(make.status());
            Serve((*make)().get(), STDIN_FILENO, STDOUT_FILENO);
            return static_cast<int>(kExitAgree);
          },
      .hidden = true,
  };
}

}  // namespace recount
