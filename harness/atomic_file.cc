#include "harness/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace recount {
namespace {

// Closes on the way out of a scope; close() that must be checked is called by hand.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  bool Close() {
    const int fd = fd_;
    fd_ = -1;
    return ::close(fd) == 0;
  }

 private:
  int fd_;
};

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

bool WriteAll(int fd, std::string_view contents) {
  while (!contents.empty()) {
    const ssize_t written = ::write(fd, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

absl::Status WriteInPlace(const std::string& path, std::string_view contents) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.ok() || !WriteAll(file.get(), contents) || !file.Close()) {
    return CannotWrite(path, errno);
  }
  return absl::OkStatus();
}

absl::Status WriteAndRename(const std::string& path, const std::string& temporary,
                            std::string_view contents) {
  // A temporary file of this process id can only be the left-over of a killed one.
  Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!file.ok()) return CannotWrite(path, errno);
  if (!WriteAll(file.get(), contents) || ::fsync(file.get()) != 0 || !file.Close() ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(temporary.c_str());
    return CannotWrite(path, error);
  }
  return absl::OkStatus();
}

std::string CannotRead(const std::string& path, std::string_view why) {
  return absl::StrCat("cannot read ", path, ": ", std::string(why));
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  const auto failed = [&path](std::string_view why) {
    return absl::InvalidArgumentError(CannotRead(path, why));
  };
  std::string contents;
  char buffer[65536];
  for (;;) {
    const ssize_t size = ::read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return failed(std::strerror(errno));
    if (size == 0) return contents;
    contents.append(buffer, static_cast<std::size_t>(size));
    if (contents.size() > kMaxFileSize) return failed("larger than 64 MiB");
  }
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) {
    const int error = errno;
    const std::string message = CannotRead(path, std::strerror(error));
    return error == ENOENT ? absl::NotFoundError(message) : absl::InvalidArgumentError(message);
  }
  return ReadAll(file.get(), path);
}

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  return path == kStandardInput ? ReadAll(STDIN_FILENO, InputName(path)) : ReadFile(path);
}

std::string InputName(const std::string& path) { return path == kStandardInput ? "<stdin>" : path; }

absl::Status WriteFile(const std::string& path, std::string_view contents) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) {
    if (S_ISDIR(status.st_mode)) return CannotWrite(path, EISDIR);
    if (!S_ISREG(status.st_mode)) return WriteInPlace(path, contents);
  }
  // Through a symbolic link: the file it names is replaced, not the link.
  std::string target = path;
  if (char* resolved = ::realpath(path.c_str(), nullptr)) {
    target = resolved;
    std::free(resolved);
  }
  absl::Status written =
      WriteAndRename(target, absl::StrCat(target, ".", ::getpid(), ".tmp"), contents);
  if (!written.ok()) return written;
  // Best effort: not every file system can sync a folder, and the file itself is complete.
  const std::filesystem::path folder = std::filesystem::path(target).parent_path();
  Descriptor parent(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC));
  if (parent.ok()) ::fsync(parent.get());
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  // An existing file of that name is an error of no folder, which create_directories does not name.
  if (!error && !std::filesystem::is_directory(path)) {
    error = std::make_error_code(std::errc::not_a_directory);
  }
  if (!error) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("cannot create ", path, ": ", error.message()));
}

}  // namespace recount
