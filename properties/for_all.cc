#include "properties/for_all.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/program_file.h"
#include "harness/shrink/shrink.h"
#include "impl/roster.h"
#include "model/check.h"
#include "model/strings.h"
#include "model/text.h"
#include "properties/rapidcheck_chooser.h"

namespace recount {
namespace {

// One Program from RapidCheck's randomness. `size` is RapidCheck's, 0 to 100.
Program Draw(const Programs& programs, Subject* oracle, const rc::Random& random, int size) {
  RapidCheckChooser chooser(random);
  const std::string_view world =
      programs.worlds[chooser.Pick(static_cast<std::uint32_t>(programs.worlds.size()))];
  const NamedProfile& profile =
      Profiles()[chooser.Pick(static_cast<std::uint32_t>(Profiles().size()))];
  absl::StatusOr<WorldPtr> made = BuiltinWorld(world);
  RECOUNT_CHECK(made.ok());
  const std::uint32_t longest =
      std::max(1u, programs.max_ops * static_cast<std::uint32_t>(size) / rc::kNominalSize);
  Program program =
      GenerateProgram(*std::move(made), profile, {.min_ops = (longest + 1) / 2, .max_ops = longest},
                      &chooser, oracle);
  if (!programs.faults) {
    std::erase_if(program.ops, [](const Op& op) { return std::holds_alternative<Fault>(op); });
  }
  return program;
}

rc::Gen<Program> AnyProgram(const Programs& programs) {
  absl::StatusOr<std::unique_ptr<Subject>> made = MakeSubject("reference");
  RECOUNT_CHECK(made.ok());
  std::shared_ptr<Subject> oracle = *std::move(made);
  return [programs, oracle](const rc::Random& random, int size) {
    return rc::shrinkable::just(Draw(programs, oracle.get(), random, size));
  };
}

std::string TestName() {
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  return absl::StrCat(test->test_suite_name(), ".", test->name());
}

// This program, as a shell would start it again.
std::string ThisProgram() {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "properties_test" : path.string();
}

// Makes the Program small and says all there is to say about it.
std::string Report(const Program& program, const ProgramProperty& property) {
  const ShrinkResult shrunk = Shrink(program, [&property](const Program& candidate) {
    const std::optional<Broken> broken = property(candidate);
    return broken.has_value() ? broken->signature : std::string();
  });
  const std::optional<Broken> broken = property(shrunk.program);
  RECOUNT_CHECK(broken.has_value());
  const std::string name = TestName();
  Program annotated = shrunk.program;
  annotated.notes = {absl::StrCat("why: breaks ", name)};
  const std::string text = PrintProgram(annotated);

  std::string file = absl::StrCat("findings/", name, ".prog");
  std::replace(file.begin() + 9, file.end(), '/', '-');
  const absl::Status folder = MakeFolder("findings");
  const absl::Status written = folder.ok() ? WriteFile(file, text) : folder;
  const std::string replay = written.ok() ? absl::StrCat("replay: RECOUNT_PROGRAM=", file, " ",
                                                         ThisProgram(), " --gtest_filter=", name)
                                          : absl::StrCat("not saved: ", written.message());
  return absl::StrCat(text, "\n", broken->what, "\n(",
                      internal::Counted(program.ops.size(), "operation"), " before shrinking, ",
                      internal::Counted(shrunk.tries, "try", "tries"),
                      shrunk.finished ? "" : ", cut short", ")\n", replay, "\n");
}

}  // namespace

void ForAllPrograms(const Programs& programs, const ProgramProperty& property) {
  if (const char* path = std::getenv("RECOUNT_PROGRAM"); path != nullptr && *path != '\0') {
    absl::StatusOr<Program> program = ReadProgramFile(path);
    ASSERT_TRUE(program.ok()) << program.status().message();
    const std::optional<Broken> broken = property(*program);
    if (broken.has_value()) ADD_FAILURE() << broken->what;
    return;
  }

  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess = std::max(1, params.maxSuccess * programs.cases / 100);
  params.disableShrinking = true;
  rc::detail::TestMetadata metadata;
  metadata.id = metadata.description = TestName();

  // Kept here, not read back from RapidCheck's example: that is text.
  std::optional<Program> failed;
  const rc::Gen<Program> any = AnyProgram(programs);
  const rc::detail::TestResult result = rc::detail::checkTestable(
      [&] {
        const Program program = *any;
        std::optional<Broken> broken = property(program);
        if (broken.has_value()) {
          failed = program;
          RC_FAIL(broken->what);
        }
      },
      metadata, params);
  if (result.is<rc::detail::SuccessResult>()) return;
  std::ostringstream message;
  if (failed.has_value()) {
    message << Report(*failed, property) << "seed: RC_PARAMS=\"seed=" << params.seed << "\"";
  } else {
    rc::detail::printResultMessage(result, message);
  }
  ADD_FAILURE() << message.str();
}

}  // namespace recount
