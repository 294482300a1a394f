// What the parsers of `.prog` and `.world` files share: lines, words and comments with their
// places, and the form of an error.
#ifndef RECOUNT_MODEL_LEX_H_
#define RECOUNT_MODEL_LEX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace recount::internal {

struct Word {
  std::string_view text;
  std::size_t column = 0;  // from 1
};

struct Line {
  std::size_t number = 0;  // from 1
  std::vector<Word> words;
  // Behind the '#', to the end of the line without white space there.
  std::optional<std::string_view> comment;
  std::size_t end_column = 1;  // where a missing word would stand
};

// InvalidArgument "LINE:COLUMN: what".
absl::Status ErrorAt(std::size_t line, std::size_t column, std::string_view what);

// Cuts a text into lines. `text` must outlive it.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : text_(text) {}
  // False at the end of the text, and on a control character (then error() says where).
  bool Next(Line* line);
  const absl::Status& error() const { return error_; }
  // The number of the last line read; 1 when there was none.
  std::size_t line_number() const { return number_ == 0 ? 1 : number_; }

 private:
  std::string_view text_;
  std::size_t number_ = 0;
  absl::Status error_;
};

// A decimal number in [low, high], without sign or leading zeros.
std::optional<std::uint32_t> ParseNumber(std::string_view text, std::uint32_t low,
                                         std::uint32_t high);

}  // namespace recount::internal

#endif  // RECOUNT_MODEL_LEX_H_
