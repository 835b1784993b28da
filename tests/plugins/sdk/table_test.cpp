// A plugin in a host whose table of functions is shorter than the header's: nothing behind its end is read or called.
#include <pipe/plugin.hpp>

#include <sys/mman.h>
#include <unistd.h>

#include "catch.hpp"

namespace {

struct sink : pipes::map_stage {
  static auto spec() { return pipes::stage<sink>("sink", "Takes all."); }
  void map(pipes::batch&, pipes::output&) {}
};
PIPE_STAGE(sink)
PIPE_PLUGIN("sdk", "1.0.0", "MIT")

std::string put;

pipe_host whole() {
  pipe_host h{};
  h.struct_size = sizeof h;
  h.abi = PIPE_ABI_VERSION;
  h.batch_retain = [](pipe_batch*) {};
  h.batch_release = [](pipe_batch*) {};
  h.batch_runs = [](pipe_batch*) -> const pipe_runs* {
    static const pipe_text texts[] = {{"a\n", 2}, {"bc\n", 3}};
    static const pipe_runs runs{sizeof(pipe_runs), 0, texts, 2, 5};
    return &runs;
  };
  h.write = [](pipe_context*, std::int32_t, const pipe_text* parts, std::uint64_t count, std::int64_t* written) -> pipe_status {
    *written = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      put += pipes::detail::view(parts[i]);
      *written += static_cast<std::int64_t>(parts[i].size);
    }
    return PIPE_OK;
  };
  h.write_batch = [](pipe_context*, std::int32_t, pipe_batch*, std::int64_t*) -> pipe_status {
    put += "whole";
    return PIPE_OK;
  };
  h.file_is_read = [](pipe_context*, std::uint64_t, std::uint64_t) -> std::int32_t { return 1; };
  return h;
}

// The first bytes of the table, right in front of a page that may not be touched.
class cut_short {
 public:
  explicit cut_short(std::size_t size) : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))) {
    base_ = static_cast<char*>(mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    REQUIRE(base_ != MAP_FAILED);
    REQUIRE(mprotect(base_ + page_, page_, PROT_NONE) == 0);
    pipe_host h = whole();
    h.struct_size = static_cast<std::uint32_t>(size);
    std::memcpy(base_ + page_ - size, &h, size);
    table_ = reinterpret_cast<const pipe_host*>(base_ + page_ - size);
  }
  ~cut_short() { munmap(base_, 2 * page_); }
  const pipe_host* table() const { return table_; }

 private:
  const std::size_t page_;
  char* base_;
  const pipe_host* table_;
};

std::string written_by_a_stage() {
  put.clear();
  pipe_batch* const any = reinterpret_cast<pipe_batch*>(&put);
  sink().write(1, pipes::batch::adopt(any));
  return put;
}

}  // namespace

TEST_CASE("a plugin in an older host does without what that host's table lacks") {
  const cut_short host(offsetof(pipe_host, write_batch));
  REQUIRE(pipe_plugin_v1(host.table()) != nullptr);
  CHECK(written_by_a_stage() == "a\nbc\n");
  CHECK_FALSE(sink().file_is_read(1, 1));
}

TEST_CASE("a plugin in a host of its own time uses that host's table") {
  const cut_short host(sizeof(pipe_host));
  REQUIRE(pipe_plugin_v1(host.table()) != nullptr);
  CHECK(written_by_a_stage() == "whole");
  CHECK(sink().file_is_read(1, 1));
}

TEST_CASE("a plugin refuses a host that lacks what it cannot do without") {
  const cut_short host(offsetof(pipe_host, batch_limit));
  CHECK(pipe_plugin_v1(host.table()) == nullptr);
}
