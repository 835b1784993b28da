// descriptor_test.cpp: what reading and writing report.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "catch.hpp"
#include "core/io/descriptor.hpp"

TEST_CASE("the error of a read is the read's own, whichever thread the fiber wakes up on") {
  const int fd = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(fd > 2);
  std::atomic<int> wrong{0};
  pipes::run_options how;
  how.processors = 4;
  pipes::run(how, [&] {
    pipes::wait_group all;
    for (int f = 0; f < 50; ++f)
      all.go([&] {
        pipes::descriptor folder(fd, false);
        char byte;
        for (int i = 0; i < 100; ++i)
          if (folder.try_read(&byte, 1) != -EISDIR) wrong.fetch_add(1);
      });
    all.wait();
  });
  ::close(fd);
  CHECK(wrong.load() == 0);
}
