// A folder of its own for a test that writes files.
#ifndef RECOUNT_HARNESS_TEST_FOLDER_H_
#define RECOUNT_HARNESS_TEST_FOLDER_H_

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "model/check.h"

namespace recount {

class TestFolder {
 public:
  TestFolder() : path_((std::filesystem::temp_directory_path() / "recount-XXXXXX").string()) {
    RECOUNT_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  // A file in it; with "" the folder itself.
  std::string Path(const std::string& name) const {
    return name.empty() ? path_ : path_ + "/" + name;
  }
  // What it holds, sorted; folders below it are one name.
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::string path_;
};

}  // namespace recount

#endif  // RECOUNT_HARNESS_TEST_FOLDER_H_
