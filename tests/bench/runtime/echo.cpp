// echo.cpp: so many connections with a fiber at either end; some of them send 64 bytes and wait until they are back.
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <vector>

#include "bench.hpp"

namespace bench {
namespace {

constexpr std::size_t message = 64;

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

// So many, or as many as this system lets a process have.
int connections_of(int wanted) {
  constexpr rlim_t others = 64;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) fail("descriptors");
  return static_cast<int>(std::min<rlim_t>(static_cast<rlim_t>(wanted), (limit.rlim_max - others) / 2));
}

// False: the other side has closed.
bool read_all(pipes::owned_fd& from, char* to, std::size_t n) {
  while (n > 0) {
    const std::size_t got = from.read(to, n);
    if (got == 0) return false;
    to += got;
    n -= got;
  }
  return true;
}

void serve(int fd) {
  pipes::owned_fd connection(fd);
  char buffer[message];
  while (read_all(connection, buffer, message)) connection.write(buffer, message);
}

void ask(pipes::owned_fd& connection, int rounds) {
  char buffer[message] = {};
  for (int i = 0; i < rounds; ++i) {
    connection.write(buffer, message);
    if (!read_all(connection, buffer, message)) fail("closed");
  }
}

}  // namespace

double echo(int connections, int busy, int rounds) {
  connections = connections_of(connections);
  busy = std::min(busy, connections);
  std::vector<pipes::owned_fd> clients;
  pipes::wait_group servers, warm, idle;
  const pipes::chan<int> end(0);
  for (int i = 0; i < connections; ++i) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0) fail("socketpair");
    clients.emplace_back(ends[0]);
    servers.go([fd = ends[1]] { serve(fd); });
  }
  for (int i = busy; i < connections; ++i) {   // each has been at work once
    warm.add();
    idle.go([=, &connection = clients[static_cast<std::size_t>(i)]] {
      ask(connection, 1);
      warm.done();
      end.recv();
    });
  }
  for (int i = 0; i < busy; ++i) warm.go([&connection = clients[static_cast<std::size_t>(i)]] { ask(connection, 1); });
  warm.wait();
  pipes::wait_group asking;
  timed t;
  for (int i = 0; i < busy; ++i) asking.go([=, &connection = clients[static_cast<std::size_t>(i)]] { ask(connection, rounds); });
  asking.wait();
  const double result = t.per(static_cast<double>(busy) * rounds);
  end.close();
  idle.wait();
  clients.clear();
  servers.wait();
  return result;
}

}  // namespace bench
