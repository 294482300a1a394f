#include "harness/program_file.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "harness/atomic_file.h"
#include "harness/world_finder.h"
#include "model/binary.h"
#include "model/lex.h"
#include "model/strings.h"
#include "model/text.h"

namespace recount {
namespace {

std::span<const std::uint8_t> Bytes(const std::string& contents) {
  return {reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size()};
}

absl::StatusOr<Program> FromBytes(const std::string& path, std::span<const std::uint8_t> bytes) {
  Program program = DecodeProgram(bytes);
  // Decoding drops what is no whole operation; the encoding of the rest shows how much was taken.
  const absl::StatusOr<std::vector<std::uint8_t>> whole = EncodeProgram(program);
  if (whole.ok() && whole->size() < bytes.size() && program.ops.size() < kMaxDecodedOps) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": byte ", whole->size(), ": the last operation is cut (",
        internal::Counted(bytes.size() - whole->size(), "byte"), " of it left, after ",
        internal::Counted(program.ops.size(), "whole operation"), "); --bytes drops it"));
  }
  return program;
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
}

// Where a file stops being text; npos for one that may be.
std::size_t FirstControlByte(const std::string& contents) {
  const auto control = std::find_if(contents.begin(), contents.end(), IsControl);
  return control == contents.end() ? std::string::npos
                                   : static_cast<std::size_t>(control - contents.begin());
}

// True when control characters are all that is wrong with it at first sight: without them it is a
// program's text, to whose header the parser's line and column belong.
bool BeginsAsText(std::string contents) {
  std::erase_if(contents, [](char c) { return c == '\r' || IsControl(c); });
  internal::LineReader reader(contents);
  internal::Line line;
  while (reader.Next(&line)) {
    if (!line.words.empty()) return line.words[0].text == "world";
  }
  return false;
}

}  // namespace

absl::StatusOr<Program> ReadProgramFile(const std::string& file, ProgramForm form) {
  const absl::StatusOr<std::string> contents = ReadInput(file);
  if (!contents.ok()) return contents.status();
  const std::string path = InputName(file);
  if (form == ProgramForm::kBytes) return DecodeProgram(Bytes(*contents));
  if (LooksBinary(Bytes(*contents))) return FromBytes(path, Bytes(*contents));
  if (const std::size_t at = FirstControlByte(*contents);
      at != std::string::npos && !BeginsAsText(*contents)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": byte ", at, ": neither text nor the binary form of a program"));
  }
  absl::StatusOr<Program> program =
      ParseProgram(*contents, WorldsRelativeTo(std::filesystem::path(path).parent_path().string()));
  if (!program.ok()) {
    return absl::Status(program.status().code(),
                        absl::StrCat(path, ":", program.status().message()));
  }
  return program;
}

absl::StatusOr<std::vector<std::string>> ListProgramFiles(const std::string& path) {
  return ListFiles(path, ".prog");
}

absl::StatusOr<std::vector<std::string>> ListFiles(const std::string& path,
                                                   std::string_view ending) {
  if (path == kStandardInput) return std::vector<std::string>{path};
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    if (std::filesystem::exists(path, error)) return std::vector<std::string>{path};
    return absl::NotFoundError(absl::StrCat("cannot read ", path, ": No such file or directory"));
  }
  std::vector<std::string> files;
  std::filesystem::recursive_directory_iterator entry(path, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ending) files.push_back(entry->path().string());
  }
  if (error) {
    return absl::InvalidArgumentError(absl::StrCat("cannot read ", path, ": ", error.message()));
  }
  if (files.empty()) {
    return absl::NotFoundError(
        absl::StrCat(path, ": the folder holds no ", std::string(ending), " file"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace recount
