// The properties' own main: RapidCheck reads its configuration once, at the first property, so its
// defaults have to be in the environment before that.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace {

// The same programs in every run unless somebody asks for others; shrinking is ours (for_all.h).
void SetRapidCheckDefaults() {
  const char* given = std::getenv("RC_PARAMS");
  std::string params = given == nullptr ? "" : given;
  if (params.find("seed=") == std::string::npos) params += " seed=20130705";
  if (params.find("noshrink=") == std::string::npos) params += " noshrink=1";
  setenv("RC_PARAMS", params.c_str(), 1);
}

}  // namespace

int main(int argc, char** argv) {
  SetRapidCheckDefaults();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
