// plugins/lib/isal.hpp: ISA-L's gzip, loaded when the first gzip stream begins. As a library that the plugin names it would
// be mapped and relocated at the start of every run, which hardly any run has a use for. PIPE_ISAL_NAME is its file's name.
#pragma once
#include <dlfcn.h>
#include <isa-l/igzip_lib.h>

#include <stdexcept>
#include <string>

namespace shared {

class isal {
 public:
  decltype(&isal_inflate_init) inflate_init;
  decltype(&isal_inflate) inflate;
  decltype(&isal_deflate_init) deflate_init;
  decltype(&isal_deflate_reset) deflate_reset;
  decltype(&isal_deflate) deflate;

  // Any thread. Throws where the library is missing.
  static const isal& get() {
    static const isal loaded;
    return loaded;
  }

 private:
  isal() {
    void* const object = ::dlopen(PIPE_ISAL_NAME, RTLD_NOW | RTLD_LOCAL);  // never closed
    if (!object) throw std::runtime_error(std::string("gzip needs ISA-L: ") + ::dlerror());
    find(object, "isal_inflate_init", inflate_init);
    find(object, "isal_inflate", inflate);
    find(object, "isal_deflate_init", deflate_init);
    find(object, "isal_deflate_reset", deflate_reset);
    find(object, "isal_deflate", deflate);
  }
  template <class F>
  static void find(void* object, const char* name, F& to) {
    to = reinterpret_cast<F>(::dlsym(object, name));
    if (!to) throw std::runtime_error(std::string("gzip needs ISA-L: " PIPE_ISAL_NAME " has no ") + name);
  }
};

}  // namespace shared
