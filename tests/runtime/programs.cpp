// Whole programs of channels, as the language that these come from proves itself with.
#include <pipe/runtime.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

#include "catch.hpp"
#include "runtime/helpers.hpp"

using namespace std::chrono_literals;
using pipes::chan;
using pipes::on_recv;
using pipes::on_send;
using pipes::on_timeout;
using pipes::otherwise;

namespace {

struct nothing {};

// Power series as fibers (McIlroy, "Squinting at power series"): a term is computed only when it is asked for.
struct rational {
  std::int64_t num = 0, den = 1;
  rational(std::int64_t n = 0, std::int64_t d = 1) {
    const std::int64_t g = std::gcd(n, d) * (d < 0 ? -1 : 1);
    num = g ? n / g : 0;
    den = g ? d / g : 1;
  }
  friend rational operator+(rational a, rational b) { return {a.num * b.den + b.num * a.den, a.den * b.den}; }
  friend rational operator*(rational a, rational b) { return {a.num * b.num, a.den * b.den}; }
  friend rational operator/(rational a, rational b) { return {a.num * b.den, a.den * b.num}; }
  friend bool operator==(rational a, rational b) { return a.num == b.num && a.den == b.den; }
};

struct series {
  chan<nothing> ask{0};
  chan<rational> term{0};
};

struct algebra {
  pipes::cancel_token all;

  static rational get(const series& s) {
    s.ask.send(nothing{});
    return *s.term.recv();
  }
  // The two terms are asked for at once, so that shared sources cannot lock up.
  static std::array<rational, 2> get2(const series& a, const series& b) {
    std::array<rational, 2> got;
    std::array<chan<nothing>, 2> ask{a.ask, b.ask};
    std::array<chan<rational>, 2> term;
    for (int left = 4; left > 0; --left) {
      const auto take = [&](int i) { return [&, i](std::optional<rational> v) { got[i] = *v; term[i] = {}; }; };
      const auto asked = [&](int i, const series& s) { return [&, i] { ask[i] = {}; term[i] = s.term; }; };
      pipes::select(on_send(ask[0], nothing{}, asked(0, a)), on_send(ask[1], nothing{}, asked(1, b)), on_recv(term[0], take(0)), on_recv(term[1], take(1)));
    }
    return got;
  }
  template <class F>
  series make(F f) const {
    series out;
    all.go([out, f]() mutable { f(out); });
    return out;
  }
  static void put(const series& out, rational v) {
    out.ask.recv();
    out.term.send(v);
  }
  static void copy(const series& from, const series& out) {
    while (true) {
      out.ask.recv();
      out.term.send(get(from));
    }
  }
  std::array<series, 2> split(const series& from) const {
    series a, b;
    const chan<nothing> level(0);
    level.close();
    do_split(from, a, b, level);
    return {a, b};
  }
  // The side that is ahead gets the term at once, the other gets it from a fiber that waits with it; while that side is behind
  // (level is open) it is not asked, and whoever is level may go ahead.
  void do_split(const series& from, const series& ahead, const series& behind, const chan<nothing>& level) const {
    all.go([this, from, ahead, behind, level] {
      series first = ahead, second = behind;
      const bool both = pipes::select(on_recv(first.ask), on_recv(level)) == 1;
      if (both && pipes::select(on_recv(first.ask), on_recv(second.ask)) == 1) std::swap(first, second);
      from.ask.send(nothing{});
      const chan<nothing> caught_up(0);
      do_split(from, first, second, caught_up);
      const rational v = *from.term.recv();
      first.term.send(v);
      if (!both) level.recv();
      second.ask.recv();
      second.term.send(v);
      caught_up.close();
    });
  }
  series constant(rational c) const { return make([c](series& out) { while (true) put(out, c); }); }
  series add(series a, series b) const {
    return make([=](series& out) {
      while (true) {
        out.ask.recv();
        const auto v = get2(a, b);
        out.term.send(v[0] + v[1]);
      }
    });
  }
  series scale(rational c, series a) const {
    return make([=](series& out) {
      while (true) {
        out.ask.recv();
        out.term.send(c * get(a));
      }
    });
  }
  series multiply(series a, series b) const {     // u0 w0 + (u0 W + w0 U) x + U W x^2
    return make([=, this](series& out) {
      out.ask.recv();
      const auto v = get2(a, b);
      out.term.send(v[0] * v[1]);
      const auto as = split(a), bs = split(b);
      const series crossed = add(scale(v[0], bs[0]), scale(v[1], as[0])), deeper = multiply(as[1], bs[1]);
      put(out, get(crossed));
      while (true) {
        out.ask.recv();
        const auto w = get2(crossed, deeper);
        out.term.send(w[0] + w[1]);
      }
    });
  }
  series integral(rational c, series a) const {
    return make([=](series& out) {
      put(out, c);
      for (std::int64_t i = 1;; ++i) {
        out.ask.recv();
        out.term.send(get(a) * rational(1, i));
      }
    });
  }
  series exponential(series a) const {            // E' = A' E
    return make([=, this](series& out) {
      series e;
      const auto es = split(e);
      const series derived = make([a](series& d) {
        get(a);
        for (std::int64_t i = 1;; ++i) {
          d.ask.recv();
          d.term.send(rational(i) * get(a));
        }
      });
      const series whole = integral(1, multiply(derived, es[0]));
      all.go([whole, e] { copy(whole, e); });
      copy(es[1], out);
    });
  }
};

}  // namespace

TEST_CASE("power series of fibers that are asked for their terms: sum, product, exponential") {
  on_one_two_and_seeded([] {
    const algebra ps;
    const series ones = ps.constant(1);
    const series sum = ps.add(ps.constant(1), ps.constant(2));
    for (int i = 0; i < 10; ++i) CHECK(algebra::get(sum) == rational(3));
    const series product = ps.multiply(ones, ps.constant(1));
    for (int i = 0; i < 10; ++i) CHECK(algebra::get(product) == rational(i + 1));
    // exp(x) = sum of x^n / n!
    const series x = ps.make([](series& out) {
      algebra::put(out, 0);
      algebra::put(out, 1);
      while (true) algebra::put(out, 0);
    });
    const series e = ps.exponential(x);
    std::int64_t factorial = 1;
    for (int i = 0; i < 8; ++i) {
      if (i > 1) factorial *= i;
      CHECK(algebra::get(e) == rational(1, factorial));
    }
    ps.all.cancel();
  });
}

TEST_CASE("a chain of ten thousand fibers, each waiting for its neighbour, passes one value through") {
  on_one_two_and_seeded([] {
    const int n = sanitized ? 500 : 10000;
    const chan<int> leftmost(0);
    chan<int> left = leftmost;
    for (int i = 0; i < n; ++i) {
      const chan<int> right(0);
      pipes::go([left, right] { left.send(1 + *right.recv()); });
      left = right;
    }
    pipes::go([left] { left.send(0); });
    CHECK(leftmost.recv() == n);
  });
}

TEST_CASE("fibers that relay by baton take values from one channel in the order of the batons") {
  on_one_two_and_seeded([] {
    const int n = 10;
    const chan<int> c(0), buffered(n);
    for (int i = 0; i < n; ++i) buffered.send(i);
    for (int i = 0; i < n; ++i) CHECK(buffered.recv() == i);

    chan<int> in(0);
    const chan<int> start = in;
    std::atomic<bool> ordered{true};
    for (int i = 0; i < n; ++i) {
      const chan<int> out(0);
      pipes::go([=, &ordered] {
        in.recv();
        if (c.recv() != i) ordered = false;
        out.send(1);
      });
      in = out;
    }
    start.send(0);
    for (int i = 0; i < n; ++i) c.send(i);
    in.recv();
    CHECK(ordered.load());
  });
}

TEST_CASE("values without size, of one byte, of sixty-four KiB, variants, closures and channels go through channels") {
  on_one_two_and_seeded([] {
    for (int capacity : {0, 1, 3}) {
      const chan<nothing> empty(capacity);
      pipes::go([=] {
        for (int i = 0; i < 5; ++i) empty.send(nothing{});
        empty.close();
      });
      int n = 0;
      for (auto v : empty) (void)v, ++n;
      CHECK(n == 5);

      const chan<std::array<char, 64 * 1024>> big(capacity);
      pipes::go({.name = "big", .stack = 1 << 20}, [=] {
        auto v = std::make_unique<std::array<char, 64 * 1024>>();
        for (char i = 0; i < 3; ++i) {
          v->fill(i);
          big.send(*v);
        }
        big.close();
      });
      pipes::wait_group taker;
      std::atomic<bool> whole{true};
      taker.go({.name = "taker", .stack = 1 << 20}, [=, &whole] {
        char i = 0;
        for (const auto& v : big) {
          if (v.front() != i || v.back() != i) whole = false;
          ++i;
        }
        if (i != 3) whole = false;
      });
      taker.wait();
      CHECK(whole.load());

      const chan<std::variant<int, std::string>> either(capacity);
      pipes::go([=] {
        either.send(1);
        either.send("two");
      });
      CHECK(std::get<int>(*either.recv()) == 1);
      CHECK(std::get<std::string>(*either.recv()) == "two");

      const chan<std::function<int()>> calls(capacity);
      pipes::go([=] { calls.send([] { return 7; }); });
      CHECK((*calls.recv())() == 7);

      const chan<chan<int>> channels(capacity);
      pipes::go([=] {
        const chan<int> answer(0);
        channels.send(answer);
        answer.send(9);
      });
      CHECK(channels.recv()->recv() == 9);
    }
  });
}

TEST_CASE("a channel of channels that holds itself can be emptied and is gone") {
  struct self;
  struct self { chan<self> c; };
  pipes::run([] {
    const chan<self> c(1);
    c.send(self{c});
    CHECK(c.recv()->c == c);
  });
}

TEST_CASE("a capacity that no memory can hold is refused, of any integer type") {
  pipes::run([] {
    CHECK_THROWS_AS(chan<int>(std::int8_t{-1}), std::length_error);
    CHECK_THROWS_AS(chan<int>(std::int64_t{1} << 62), std::length_error);
    CHECK_THROWS_AS(chan<int>(~std::uint64_t{0}), std::length_error);
    CHECK_THROWS_AS((chan<std::array<char, 1024>>(std::uint64_t{1} << 54)), std::length_error);
    CHECK(chan<int>(std::uint8_t{200}).capacity() == 200);
    if (!sanitized) CHECK_THROWS(chan<int>(std::int64_t{1} << 50));   // 4 PiB: length_error or bad_alloc; sanitizers end the process
    CHECK(chan<nothing>(1'000'000).capacity() == 1'000'000);
  });
}

TEST_CASE("a select whose cases turn nil one by one sends every bit of a number") {
  on_one_two_and_seeded([] {
    const chan<std::uint32_t> c(0);
    pipes::go([=] {
      for (std::uint32_t v = 0x12345678, counter = 0; counter < 32; ++counter) {
        const chan<std::uint32_t> ones = v >> counter & 1 ? c : chan<std::uint32_t>{}, zeros = v >> counter & 1 ? chan<std::uint32_t>{} : c;
        pipes::select(on_send(ones, 1u << counter), on_send(zeros, 0u));
      }
      c.close();
    });
    std::uint32_t sum = 0;
    for (auto bit : c) sum |= bit;
    CHECK(sum == 0x12345678);
  });
}

TEST_CASE("a receive by plain call, in any select, or by poll meets a send by any of them") {
  on_one_two_and_seeded([] {
    const chan<int> never(0), nobody(0);
    const std::vector<std::function<std::optional<int>(const chan<int>&)>> takers{
        [](const chan<int>& c) { return c.recv(); },
        [](const chan<int>& c) {
          std::optional<int> v;
          pipes::select(on_recv(c, [&](auto got) { v = got; }));
          return v;
        },
        [&](const chan<int>& c) {
          std::optional<int> v;
          pipes::select(on_recv(never), on_recv(c, [&](auto got) { v = got; }));
          return v;
        },
        [](const chan<int>& c) {
          for (;;) {
            std::optional<int> v;
            if (pipes::select(on_recv(c, [&](auto got) { v = got; }), otherwise()) == 0) return v;
            pipes::yield();
          }
        },
        [](const chan<int>& c) {
          for (;;) {
            if (auto v = c.try_recv()) return std::optional<int>(*v);
            pipes::yield();
          }
        },
        [](const chan<int>& c) { return std::optional<int>(*c.recv_for(1h)); },
        [](const chan<int>& c) {
          std::optional<int> v;
          pipes::select_set s;
          s.recv(c, [&](std::optional<int> got) { v = got; });
          s.timeout(1h);
          s.wait();
          return v;
        }};
    const std::vector<std::function<void(const chan<int>&, int)>> givers{
        [](const chan<int>& c, int v) { c.send(v); },
        [](const chan<int>& c, int v) { pipes::select(on_send(c, v)); },
        [&](const chan<int>& c, int v) { pipes::select(on_send(chan<int>(), 0), on_send(nobody, 0), on_send(c, v)); },
        [](const chan<int>& c, int v) {
          while (pipes::select(on_send(c, v), otherwise()) != 0) pipes::yield();
        },
        [](const chan<int>& c, int v) {
          while (!c.try_send(v)) pipes::yield();
        },
        [](const chan<int>& c, int v) { (void)c.send_for(v, 1h); },
        [](const chan<int>& c, int v) {
          pipes::select_set s;
          s.send(c, v);
          s.wait();
        }};
    for (std::size_t t = 0; t < takers.size(); ++t)
      for (std::size_t g = 0; g < givers.size(); ++g)
        for (int capacity : {0, 1, 10}) {
          // Two that only poll an unbuffered channel never meet: somebody must wait there.
          const auto polls = [](std::size_t k) { return k == 3 || k == 4; };
          if (capacity == 0 && polls(t) && polls(g)) continue;
          const chan<int> c(capacity);
          pipes::wait_group giver;
          giver.go([&, g] { givers[g](c, 42); });
          INFO(t << " " << g << " " << capacity);
          CHECK(takers[t](c).value_or(-1) == 42);
          giver.wait();
        }
  });
}

TEST_CASE("a requester and a server that both may poll exchange every request by channels of answers") {
  on_one_two_and_seeded([] {
    struct request {
      int argument;
      chan<int> answer;
    };
    const chan<request> server(0);
    const chan<nothing> quit(0);
    pipes::go([=] {
      for (bool on = true; on;)
        pipes::select(on_recv(server, [](std::optional<request> r) { pipes::go([r = *r] { r.answer.send(r.argument * 2); }); }),
                      on_recv(quit, [&](auto) { on = false; }));
    });
    const int n = scaled(1000);
    std::vector<request> open;
    for (int i = 0; i < n; ++i) {
      open.push_back({i, chan<int>(0)});
      server.send(open.back());
    }
    for (int i = n; i-- > 0;) CHECK(open[static_cast<std::size_t>(i)].answer.recv() == 2 * i);
    quit.close();
  });
}

TEST_CASE("of two groups that meet in one unbuffered channel each sees the other's values alone") {
  on_one_two_and_seeded([] {
    // A barrier made of a close: nobody passes before everybody has come.
    const int parties = 20;
    std::atomic<int> come{0}, early{0};
    chan<nothing> gate(0);
    pipes::wait_group all;
    pipes::mutex m;
    for (int i = 0; i < parties; ++i)
      all.go([&] {
        m.lock();
        const bool last = ++come == parties;
        m.unlock();
        if (last) gate.close();
        gate.recv();
        if (come != parties) ++early;
      });
    all.wait();
    CHECK(early == 0);
  });
}

TEST_CASE("an empty function, a null member, a throwing copy: told by go or by the run, nothing lost") {
  std::function<void()> none;
  CHECK_THROWS_AS(pipes::run([&] { pipes::go(none); }), std::bad_function_call);
  struct fussy {
    fussy() = default;
    fussy(const fussy&) { throw std::runtime_error("copied"); }
    void operator()() const {}
  };
  CHECK_THROWS_WITH(pipes::run([] {
    const fussy f;
    pipes::go(f);
  }), "copied");
}
