// elf.cpp: see elf.hpp. The file is not trusted: every offset in it is checked against its size before it is followed.
#include "core/plugin/elf.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pipes {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t own_machine = EM_AARCH64;
#else
#error "add this CPU's e_machine"
#endif

#if defined(__SANITIZE_ADDRESS__)
constexpr bool has_asan = true;
#else
constexpr bool has_asan = false;
#endif
#if defined(__SANITIZE_THREAD__)
constexpr bool has_tsan = true;
#else
constexpr bool has_tsan = false;
#endif

class mapping {
 public:
  explicit mapping(const std::string& path) {
    fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) {
      const bool gone = errno == ENOENT && ::lstat(path.c_str(), &info) == 0;
      error = gone ? "is a link to a file that is not there" : std::strerror(errno);
      return;
    }
    if (::fstat(fd_, &info) != 0) {
      error = std::strerror(errno);
    } else if (!S_ISREG(info.st_mode)) {
      error = S_ISDIR(info.st_mode) ? "is a directory, not a shared object" : "is no regular file";
    } else if (info.st_size > 0) {
      void* p = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, fd_, 0);
      if (p == MAP_FAILED) {
        error = std::strerror(errno);
      } else {
        bytes = {static_cast<const char*>(p), static_cast<std::size_t>(info.st_size)};
      }
    }
  }
  ~mapping() {
    if (!bytes.empty()) ::munmap(const_cast<char*>(bytes.data()), bytes.size());
    if (fd_ >= 0) ::close(fd_);
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;

  // `count` objects of type T at `offset`, or nullptr if they do not lie within the file.
  template <class T>
  const T* at(std::uint64_t offset, std::uint64_t count = 1) const {
    if (offset > bytes.size() || offset % alignof(T) != 0 || count > (bytes.size() - offset) / sizeof(T)) return nullptr;
    return reinterpret_cast<const T*>(bytes.data() + offset);
  }
  std::string_view string_at(std::uint64_t offset) const {
    if (offset >= bytes.size()) return {};
    const char* start = bytes.data() + offset;
    return {start, ::strnlen(start, bytes.size() - offset)};
  }

  std::string error;
  struct stat info {};
  std::string_view bytes;

 private:
  int fd_ = -1;
};

struct dynamic_symbols {
  bool entry = false;
  std::string_view sanitizer;
};

dynamic_symbols read_symbols(const mapping& file, const Elf64_Ehdr& header) {
  dynamic_symbols found;
  const auto* sections = file.at<Elf64_Shdr>(header.e_shoff, header.e_shnum);
  if (!sections) return found;
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr& s = sections[i];
    if (s.sh_type != SHT_DYNSYM || s.sh_link >= header.e_shnum) continue;
    const std::uint64_t strings = sections[s.sh_link].sh_offset;
    const std::uint64_t count = s.sh_size / sizeof(Elf64_Sym);
    const auto* symbols = file.at<Elf64_Sym>(s.sh_offset, count);
    if (!symbols) continue;
    for (std::uint64_t k = 0; k < count; ++k) {
      const std::string_view name = file.string_at(strings + symbols[k].st_name);
      if (symbols[k].st_shndx != SHN_UNDEF) {
        if (name == "pipe_plugin_v1") found.entry = true;
      } else if (!has_asan && name == "__asan_init") {
        found.sanitizer = "AddressSanitizer";
      } else if (!has_tsan && name == "__tsan_init") {
        found.sanitizer = "ThreadSanitizer";
      }
    }
  }
  return found;
}

}  // namespace

std::string refuse_plugin_file(const std::string& path) {
  mapping file(path);
  if (!file.error.empty()) return file.error;
  const auto* header = file.at<Elf64_Ehdr>(0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return "is no shared object (no ELF header)";
  if (header->e_ident[EI_CLASS] != ELFCLASS64) return "is a 32-bit object; this pipe is 64-bit";
  if (header->e_ident[EI_DATA] != ELFDATA2LSB) return "has another byte order than this machine";
  if (header->e_machine != own_machine) return "is built for another machine (ELF machine " + std::to_string(header->e_machine) + ", this one is " + std::to_string(own_machine) + ")";
  if (header->e_shnum != 0 && !file.at<Elf64_Shdr>(header->e_shoff, header->e_shnum))
    return "is cut off: it has " + std::to_string(file.bytes.size()) + " bytes, its header speaks of " + std::to_string(header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr));
  if (header->e_type != ET_DYN) return "is no shared object (link it with -shared)";
  const dynamic_symbols symbols = read_symbols(file, *header);
  if (!symbols.entry) return "does not export pipe_plugin_v1: it is no plugin, or PIPE_PLUGIN(...) is missing in it";
  if (!symbols.sanitizer.empty())
    return "is built with " + std::string(symbols.sanitizer) + ", which this pipe is not: it would end the process. Build it without, or run a pipe built with it";
  if (file.info.st_mode & S_IWOTH) return "can be written by everybody: chmod o-w it, if you trust what is in it";
  if (file.info.st_uid != 0 && file.info.st_uid != ::geteuid())
    return "belongs to user " + std::to_string(file.info.st_uid) + ", neither you nor root: copy it, if you trust it";
  return "";
}

}  // namespace pipes
