// What Bash offers, with the script that `recount completion bash` prints.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/cli/cli_fixture.h"

namespace recount {
namespace {

using ::testing::HasSubstr;

// What Bash would offer; `words` as Bash cuts them, a blank between two, the last is completed.
class Completion : public Cli {
 protected:
  std::string Offered(const std::string& words) {
    const Said said =
        Run("recount completion bash >script && bash -c '"
            ". ./script; recount() { \"" RECOUNT_PROGRAM
            "\" \"$@\"; }; "
            "IFS=\" \"; COMP_WORDS=($1); COMP_WORDS[0]=recount; "
            "[ \"${1% }\" = \"$1\" ] || COMP_WORDS+=(\"\"); "
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _recount; "
            "echo \"${COMPREPLY[@]}\"' bash '" +
            words + "'");
    EXPECT_EQ(said.err, "");
    return said.out;
  }
};

TEST_F(Completion, OffersCommandsAndOptions) {
  EXPECT_EQ(Offered("recount hu"), "hunt\n");
  EXPECT_EQ(Offered("recount hunt --se"), "--seconds --seed\n");
  EXPECT_EQ(Offered("recount equiv --l"), "--left\n");
  EXPECT_EQ(Offered("recount se"), "\n");  // `serve` is for programs
  EXPECT_EQ(Offered("recount completion b"), "bash\n");
}

TEST_F(Completion, OffersTheValuesOfOptions) {
  EXPECT_EQ(Offered("recount hunt --bug reload-refc"), "reload-refcount-lost\n");
  EXPECT_EQ(Offered("recount hunt --world "), "tiny small paged kernel\n");
  EXPECT_EQ(Offered("recount hunt --profile linux-3"), "linux-3.2\n");
  EXPECT_EQ(Offered("recount conform --profile linux-3"), "linux-3.2\n");
  EXPECT_EQ(Offered("recount hunt --finder "), "random fuzz all\n");
  EXPECT_EQ(Offered("recount run --subject ref"), "reference\n");
  EXPECT_EQ(Offered("recount equiv --left linux-3"), "linux-3.2\n");
  EXPECT_EQ(Offered("recount equiv --left linux : 6.12"), "6.12\n");
  EXPECT_EQ(Offered("recount equiv --left fast --right fast+bug : cana"), "canary\n");
  EXPECT_EQ(Offered("recount export --as g"), "gtest\n");
  EXPECT_EQ(Offered("recount worlds pa"), "paged\n");
  // Numbers and files are not ours to offer.
  EXPECT_EQ(Offered("recount hunt --seed "), "\n");
}

TEST_F(Completion, OffersValuesWhereBashCutsTheWord) {
  EXPECT_EQ(Offered("recount hunt --bug = reload-refc"), "reload-refcount-lost\n");
  EXPECT_EQ(Offered("recount hunt --finder ="), "random fuzz all\n");
  EXPECT_EQ(Offered("recount run --subject fast+bug : reload-refc"), "reload-refcount-lost\n");
  EXPECT_EQ(Offered("recount run --subject = fast+bug : reload-refc"), "reload-refcount-lost\n");
  EXPECT_THAT(Offered("recount run --subject fast+bug :"), HasSubstr(" reload-refcount-lost "));
  EXPECT_EQ(Offered("recount equiv --left linux-6.1,lo"),
            "linux-6.1,load_path=direct linux-6.1,load_path=chain\n");
  EXPECT_EQ(Offered("recount equiv --left linux-6.1,load_path = ch"), "chain\n");
  EXPECT_EQ(Offered("recount equiv --left = linux-6.1,rollback ="), "forward reverse\n");
}

}  // namespace
}  // namespace recount
