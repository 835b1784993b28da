// symbols.cpp: names by the symbol tables (.symtab) of the files that the process is made of, read when somebody asks.
// Rejected: dladdr, which sees exported symbols alone: no lambda, no static function, and of a program nothing at all unless it is linked
// with -rdynamic, by which plugins would use the program's inline functions. A stripped file still has its exported names (.dynsym); and
// every address has its offset in the file, which addr2line takes together with the file's debug symbols.
#include "core/runtime/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace pipes::detail {
namespace {

struct search {
  std::uintptr_t address = 0;
  bool found = false;
  std::uintptr_t base = 0;
  std::string path;
  const void* headers = nullptr;
  std::size_t headers_size = 0;
};

int look_into(dl_phdr_info* info, std::size_t, void* argument) {
  auto& s = *static_cast<search*>(argument);
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr)& h = info->dlpi_phdr[i];
    const std::uintptr_t begin = info->dlpi_addr + h.p_vaddr;
    if (h.p_type != PT_LOAD || s.address < begin || s.address - begin >= h.p_memsz) continue;
    s.found = true;
    s.base = info->dlpi_addr;
    s.path = info->dlpi_name && *info->dlpi_name ? info->dlpi_name : "/proc/self/exe";
    s.headers = info->dlpi_phdr;
    s.headers_size = info->dlpi_phnum * sizeof h;
    return 1;
  }
  return 0;
}

std::string demangled(const char* name) {
  int status = -1;
  char* text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 ? text : name;
  std::free(text);
  return result;
}

}  // namespace

symbols::~symbols() {
  for (auto& [base, m] : modules_)
    if (m.image) ::munmap(const_cast<char*>(m.image), m.size);
}

// Every offset in the file is checked: it may have been replaced since it was loaded.
void symbols::read_functions(module& m, const void* headers, std::size_t headers_size) {
  const auto inside = [&](std::uint64_t offset, std::uint64_t size) { return offset <= m.size && size <= m.size - offset; };
  if (!inside(0, sizeof(ElfW(Ehdr))) || std::memcmp(m.image, ELFMAG, SELFMAG) != 0) return;
  ElfW(Ehdr) file;
  std::memcpy(&file, m.image, sizeof file);
  if (!inside(file.e_phoff, headers_size) || std::memcmp(m.image + file.e_phoff, headers, headers_size) != 0) return;   // replaced
  if (file.e_shentsize != sizeof(ElfW(Shdr)) || !inside(file.e_shoff, std::uint64_t{file.e_shnum} * sizeof(ElfW(Shdr)))) return;
  std::vector<ElfW(Shdr)> sections(file.e_shnum);
  if (!sections.empty()) std::memcpy(sections.data(), m.image + file.e_shoff, sections.size() * sizeof(ElfW(Shdr)));
  const auto table_of = [&](ElfW(Word) type) { return std::find_if(sections.begin(), sections.end(), [&](auto& s) { return s.sh_type == type; }); };
  auto table = table_of(SHT_SYMTAB);
  if (table == sections.end()) table = table_of(SHT_DYNSYM);
  if (table == sections.end() || table->sh_link >= sections.size()) return;
  const ElfW(Shdr)& names = sections[table->sh_link];
  if (!inside(table->sh_offset, table->sh_size) || !inside(names.sh_offset, names.sh_size) || names.sh_size == 0) return;
  if (m.image[names.sh_offset + names.sh_size - 1] != 0) return;
  for (std::uint64_t i = 0; i < table->sh_size / sizeof(ElfW(Sym)); ++i) {
    ElfW(Sym) symbol;
    std::memcpy(&symbol, m.image + table->sh_offset + i * sizeof symbol, sizeof symbol);
    const auto type = symbol.st_info & 0xf;
    if ((type != STT_FUNC && type != STT_GNU_IFUNC) || symbol.st_shndx == SHN_UNDEF || symbol.st_name >= names.sh_size) continue;
    m.functions.push_back({symbol.st_value, symbol.st_size, m.image + names.sh_offset + symbol.st_name});
  }
  std::stable_sort(m.functions.begin(), m.functions.end(), [](const function& a, const function& b) { return a.begin < b.begin; });
}

symbols::module& symbols::opened(std::uintptr_t base, const char* path, const void* headers, std::size_t headers_size) {
  const auto [at, fresh] = modules_.try_emplace(base);
  module& m = at->second;
  if (!fresh) return m;
  m.path = path;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return m;
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    void* image = ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    if (image != MAP_FAILED) {
      m.image = static_cast<const char*>(image);
      m.size = static_cast<std::size_t>(status.st_size);
      read_functions(m, headers, headers_size);
    }
  }
  ::close(fd);
  char real[4096];
  const auto length = m.path == "/proc/self/exe" ? ::readlink(path, real, sizeof real) : 0;
  if (length > 0) m.path.assign(real, static_cast<std::size_t>(length));
  return m;
}

symbols::place symbols::of_call(const void* return_address) {
  const auto address = reinterpret_cast<std::uintptr_t>(return_address) - 1;
  search s;
  s.address = address;
  ::dl_iterate_phdr(&look_into, &s);
  place p;
  p.offset = address - s.base;
  if (!s.found) return p;
  const module& m = opened(s.base, s.path.c_str(), s.headers, s.headers_size);
  p.file = &m.path;
  auto at = std::upper_bound(m.functions.begin(), m.functions.end(), p.offset, [](std::uintptr_t a, const function& f) { return a < f.begin; });
  if (at == m.functions.begin()) return p;
  --at;
  if (p.offset - at->begin < at->size || at->size == 0) p.function = demangled(at->name);
  return p;
}

}  // namespace pipes::detail
