// descriptor_test.cpp: what reading and writing report.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

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

TEST_CASE("while a cancelled fiber unwinds, what finds no room is not written") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  std::int64_t written = 0;
  struct last_words {
    pipes::descriptor to;
    std::int64_t& written;
    ~last_words() {
      const std::string more(1 << 20, 'x');
      const pipe_text text{more.data(), more.size()};
      written = to.write(&text, 1);
    }
  };
  pipes::run([&] {
    pipes::scope s;
    s.go([&] {
      last_words at_end{{ends[1], true}, written};
      pipes::chan<int>().recv();
    });
    pipes::yield();
    s.cancel();
    s.join();
  });
  for (const int fd : ends) ::close(fd);
  CHECK(written == -ECANCELED);
}

TEST_CASE("a file's pages go into a pipe that never waits, as far as the file reaches, and into nothing else") {
  std::string text;
  for (int i = 0; text.size() < 700'000; ++i) text += std::to_string(i) + "\n";
  char name[] = "/tmp/pages-XXXXXX";
  const int file = ::mkstemp(name);
  REQUIRE(file > 2);
  ::unlink(name);
  REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
  std::string got;
  std::int64_t moved = 0, into_a_file = -1, without_reader = 0;
  pipes::run([&] {
    pipes::wait_group reader;
    reader.go([&] {
      pipes::descriptor from(ends[0], false);
      char room[10'000];
      for (;;) {
        const std::int64_t n = from.try_read(room, sizeof room);
        if (n == -EAGAIN) (void)pipes::wait_readable(from.fd());
        else if (n <= 0) break;
        else got.append(room, static_cast<std::size_t>(n));
      }
    });
    {
      pipes::descriptor to(ends[1], true);
      moved = to.write_pages(file, 5, text.size());
    }
    ::close(ends[1]);
    reader.wait();
    pipes::descriptor regular(file, true);
    into_a_file = regular.write_pages(file, 0, 10);
    ::close(ends[0]);
    int others[2];
    REQUIRE(::pipe2(others, O_CLOEXEC | O_NONBLOCK) == 0);
    ::close(others[0]);
    struct sigaction ignore {}, before {};
    ignore.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignore, &before);
    {
      pipes::descriptor to(others[1], true);
      without_reader = to.write_pages(file, 0, 10);
    }
    ::sigaction(SIGPIPE, &before, nullptr);
    ::close(others[1]);
  });
  CHECK(moved == static_cast<std::int64_t>(text.size()) - 5);
  CHECK(got == text.substr(5));
  CHECK(into_a_file == 0);
  CHECK(without_reader == -EPIPE);
  ::close(file);
}
