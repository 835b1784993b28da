// Sockets with deadlines, as network programs use them.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pipe/runtime.hpp>

#include <array>
#include <atomic>
#include <string>
#include <vector>
#include <csignal>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::io_result;

namespace {

struct both_ends {
  pipes::owned_fd a, b;
};
both_ends make_pair_of_sockets() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) throw std::runtime_error("socketpair");
  return {pipes::owned_fd(fds[0]), pipes::owned_fd(fds[1])};
}

struct listening {
  pipes::owned_fd fd;
  sockaddr_in at{};
};
listening listen_on_loopback(int backlog = 128) {
  listening l{pipes::owned_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), {}};
  l.at.sin_family = AF_INET;
  l.at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t n = sizeof l.at;
  if (::bind(l.fd.get(), reinterpret_cast<sockaddr*>(&l.at), n) != 0 || ::listen(l.fd.get(), backlog) != 0) throw std::runtime_error("listen");
  ::getsockname(l.fd.get(), reinterpret_cast<sockaddr*>(&l.at), &n);
  return l;
}
pipes::owned_fd accept_one(listening& l) {
  while (true) {
    const int fd = ::accept4(l.fd.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) return pipes::owned_fd(fd);
    if (errno != EAGAIN) throw std::system_error(errno, std::generic_category(), "accept");
    (void)l.fd.wait_readable();
  }
}
// 0, or why not.
int dial(pipes::owned_fd& s, const sockaddr_in& at) {
  if (::connect(s.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  (void)s.wait_writable();
  int error = 0;
  socklen_t n = sizeof error;
  ::getsockopt(s.get(), SOL_SOCKET, SO_ERROR, &error, &n);
  return error;
}
pipes::owned_fd new_socket() { return pipes::owned_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

// As read(), until a deadline: -1 when it has passed.
ssize_t read_until(pipes::owned_fd& s, void* to, std::size_t n, pipes::clock::time_point deadline) {
  while (true) {
    const ssize_t got = ::read(s.get(), to, n);
    if (got >= 0) return got;
    if (errno != EAGAIN) throw std::system_error(errno, std::generic_category(), "read");
    if (s.wait_readable(deadline) == io_result::timed_out) return -1;
  }
}

}  // namespace

TEST_CASE("a deadline that has passed before the wait, passes while waiting, or is met by data") {
  at_each_processor_count([](unsigned p) {
    pipes::run({.processors = p}, [] {
      auto [a, b] = make_pair_of_sockets();
      char buffer[16];
      CHECK(read_until(a, buffer, 16, pipes::now() - 1h) == -1);
      CHECK(read_until(a, buffer, 16, pipes::clock::time_point::min()) == -1);
      const auto begun = pipes::now();
      CHECK(read_until(a, buffer, 16, begun + 3ms) == -1);
      CHECK(pipes::now() - begun >= 3ms);
      b.write("x", 1);
      CHECK(read_until(a, buffer, 16, pipes::now() + 1h) == 1);
      // What is there is read although the deadline has passed.
      b.write("y", 1);
      CHECK(read_until(a, buffer, 16, pipes::now() - 1h) == 1);
    });
  });
}

TEST_CASE("deadlines of every length, many sockets at once: none early, none forgotten") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [] {
      expectations met;
      pipes::wait_group wg;
      for (auto d : {0ns, 1ns, 100ns, 1000ns, 10000ns, 100000ns, 1000000ns, 5000000ns, 20000000ns})
        for (int i = 0; i < 5; ++i)
          wg.go([&met, d] {
            auto [a, b] = make_pair_of_sockets();
            char c;
            for (int k = 0; k < 3; ++k) {
              const auto begun = pipes::now();
              met.expect(read_until(a, &c, 1, begun + d) == -1);
              met.expect(pipes::now() - begun >= d);
            }
          });
      wg.wait();
    });
}

TEST_CASE("data and deadline race: either the byte or the timeout, and no byte is lost") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [] {
      auto [a, b] = make_pair_of_sockets();
      const int n = scaled(3000);
      pipes::wait_group writer;
      writer.go([&, &out = b] {
        for (int i = 0; i < n; ++i) {
          const char c = static_cast<char>(i);
          out.write(&c, 1);
          if (i % 3 == 0) pipes::sleep_for(20us);
        }
      });
      int got = 0, missed = 0;
      bool ordered = true;
      while (got < n) {
        char c;
        if (read_until(a, &c, 1, pipes::now() + std::chrono::microseconds(missed % 40)) == 1) ordered = ordered && c == static_cast<char>(got++);
        else ++missed;
      }
      writer.wait();
      CHECK(ordered);
    });
}

TEST_CASE("a writer that nobody reads from waits, by deadline or for ever, and carries on where it was") {
  pipes::run([] {
    auto [a, b] = make_pair_of_sockets();
    const std::string load(1 << 20, 'x');
    std::size_t put = 0;
    while (true) {
      const ssize_t n = ::write(a.get(), load.data(), load.size());
      if (n > 0) put += static_cast<std::size_t>(n);
      else if (a.wait_writable(pipes::now() + 2ms) == io_result::timed_out) break;
    }
    pipes::wait_group wg;
    wg.go([&, &out = a] { out.write(load.data(), load.size()); });
    std::size_t got = 0;
    std::vector<char> room(100'000);
    while (got < put + load.size()) got += b.read(room.data(), room.size());
    wg.wait();
    CHECK(got == put + load.size());
  });
}

TEST_CASE("the end of a stream, half closed or closed, is read as such, and writing to a reader that has gone is an error and no signal") {
  pipes::run([] {
    auto [a, b] = make_pair_of_sockets();
    char buffer[16];
    a.write("last", 4);
    ::shutdown(a.get(), SHUT_WR);
    CHECK(b.read(buffer, 16) == 4);
    CHECK(b.read(buffer, 16) == 0);
    CHECK(b.read(buffer, 16) == 0);
    b.write("back", 4);                              // the other half is open
    CHECK(a.read(buffer, 16) == 4);
    b.reset();
    CHECK_THROWS_AS(a.write("gone", 4), std::system_error);
    // A reader parked while the other end closes.
    auto [c, d] = make_pair_of_sockets();
    pipes::wait_group wg;
    wg.go([&, &in = c] { CHECK(in.read(buffer, 16) == 0); });
    pipes::sleep_for(1ms);
    d.reset();
    wg.wait();
    // A descriptor without O_NONBLOCK, by the bare calls.
    int plain[2];
    REQUIRE(::pipe2(plain, O_CLOEXEC) == 0);
    CHECK(pipes::wait_readable(plain[0], pipes::now() + 1ms) == io_result::timed_out);
    ::close(plain[1]);
    CHECK(pipes::wait_readable(plain[0]) == io_result::ready);
    CHECK(::read(plain[0], buffer, 16) == 0);
    ::close(plain[0]);
  });
}

TEST_CASE("clients that come and go, a server with a fiber each: every answer arrives, refusals and late ones are told") {
  for (unsigned p : {1u, 2u})
    pipes::run({.processors = p}, [] {
      auto server = listen_on_loopback();
      const int clients = scaled(300) + 20;
      expectations met;
      pipes::scope serving;
      serving.go([&] {
        while (true) {
          auto s = std::make_shared<pipes::owned_fd>(accept_one(server));
          serving.go([s] {
            char c[64];
            while (const std::size_t n = s->read(c, sizeof c)) s->write(c, n);
          });
        }
      });
      pipes::wait_group all;
      pipes::semaphore few(50);
      for (int i = 0; i < clients; ++i)
        all.go([&, i] {
          few.acquire();
          auto s = new_socket();
          met.expect(dial(s, server.at) == 0);
          const std::string said = "hello " + std::to_string(i);
          std::string heard(said.size(), ' ');
          s.write(said.data(), said.size());
          for (std::size_t n = 0; n < heard.size();) n += s.read(heard.data() + n, heard.size() - n);
          met.expect(heard == said);
          few.release();
        });
      all.wait();
      serving.cancel();
      try {
        serving.join();
      } catch (const pipes::cancelled&) {
      }
      sockaddr_in gone = server.at;
      server.fd.reset();
      auto s = new_socket();
      CHECK(dial(s, gone) == ECONNREFUSED);
    });
}

TEST_CASE("a cancel takes a fiber out of accept, connect, read and write") {
  pipes::run([] {
    auto server = listen_on_loopback();
    auto [a, b] = make_pair_of_sockets();
    std::atomic<int> begun{0}, unwound{0};
    pipes::scope s;
    const auto counted = [&](auto f) {
      s.go([&begun, &unwound, f] {
        struct at_end {
          std::atomic<int>& n;
          ~at_end() { ++n; }
        } end{unwound};
        ++begun;
        f();
      });
    };
    counted([&] { (void)accept_one(server); });
    counted([&] {                                     // a listener whose queue is full answers no more
      auto full = listen_on_loopback(0);
      std::vector<pipes::owned_fd> callers;
      while (true) {
        callers.push_back(new_socket());
        (void)dial(callers.back(), full.at);
      }
    });
    counted([&, &in = a] {
      char c;
      (void)in.read(&c, 1);
    });
    auto [c, d] = make_pair_of_sockets();
    counted([&, &out = c] {
      const std::string load(1 << 20, 'x');
      while (true) out.write(load.data(), load.size());
    });
    while (begun < 4) pipes::yield();
    pipes::sleep_for(1ms);
    s.cancel();
    s.join();
    CHECK(unwound == 4);
  });
}

TEST_CASE("while a cancelled fiber unwinds, reading and writing do what can be done at once") {
  pipes::run([] {
    auto [a, b] = make_pair_of_sockets();
    std::size_t got = 1;
    struct last_words {
      pipes::owned_fd& to;
      std::size_t& got;
      ~last_words() {
        char c;
        got = to.read(&c, 1);
        const std::string more(1 << 23, 'x');   // than the socket takes
        to.write(more.data(), more.size());
      }
    };
    pipes::scope s;
    s.go([&, &to = a] {
      last_words at_end{to, got};
      pipes::chan<int>().recv();
    });
    pipes::yield();
    s.cancel();
    s.join();
    CHECK(got == 0);
    char c = 0;
    CHECK((b.read(&c, 1) == 1 && c == 'x'));
  });
}

TEST_CASE("datagrams keep their borders, a descriptor serves a reader and a writer at once") {
  pipes::run([] {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) == 0);
    pipes::owned_fd a(fds[0]), b(fds[1]);
    const int n = scaled(2000);
    pipes::wait_group wg;
    // Both directions on both descriptors.
    for (auto* out : {&a, &b})
      wg.go([=] {
        for (int i = 1; i <= n; ++i) {
          const std::string s(static_cast<std::size_t>(i % 100 + 1), 'x');
          out->write(s.data(), s.size());
        }
      });
    std::atomic<bool> whole{true};
    for (auto* in : {&a, &b})
      wg.go([=, &whole] {
        char room[256];
        for (int i = 1; i <= n; ++i)
          if (in->read(room, sizeof room) != static_cast<std::size_t>(i % 100 + 1)) whole = false;
      });
    wg.wait();
    CHECK(whole.load());
  });
}
