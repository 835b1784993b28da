// symbols.hpp: names of functions by their addresses, for dumps. One thread at a time.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pipes::detail {

class symbols {
 public:
  symbols() = default;
  ~symbols();
  symbols(const symbols&) = delete;
  symbols& operator=(const symbols&) = delete;

  struct place {
    std::string function;                // demangled; empty: not known
    const std::string* file = nullptr;   // null: in no file
    std::uintptr_t offset = 0;           // in the file, as addr2line takes it: of the call, not of the return address
  };
  place of_call(const void* return_address);

 private:
  struct function {
    std::uintptr_t begin = 0;
    std::uintptr_t size = 0;
    const char* name = nullptr;
  };
  struct module {
    std::string path;
    const char* image = nullptr;         // the file, mapped while the names are in use
    std::size_t size = 0;
    std::vector<function> functions;     // by begin
  };
  module& opened(std::uintptr_t base, const char* path, const void* headers, std::size_t headers_size);
  static void read_functions(module& m, const void* headers, std::size_t headers_size);

  std::map<std::uintptr_t, module> modules_;   // by the address they are loaded at
};

}  // namespace pipes::detail
