// What the runtime's tests share.
#pragma once
#include <pipe/runtime.hpp>

#include <mutex>
#include <source_location>
#include <string>

#include "catch.hpp"
#include "sanitized.hpp"

// Counts that the sanitizers could not bear.
constexpr int scaled(int n) { return sanitized ? n / 100 + 1 : n; }

// Assertions are for one thread at a time. Where fibers or threads run beside the test's own, they expect things here, and the
// test's own thread asserts at the end that all was as expected. Lives outside of the run.
class expectations {
 public:
  expectations() = default;
  expectations(const expectations&) = delete;
  expectations& operator=(const expectations&) = delete;
  ~expectations() { CHECK(unmet_ == ""); }
  void expect(bool met, std::source_location at = std::source_location::current()) {
    if (met) return;
    const std::lock_guard lock(mu_);
    if (unmet_.size() < 1000) unmet_ += std::string(at.file_name()) + ":" + std::to_string(at.line()) + "\n";
  }

 private:
  std::mutex mu_;
  std::string unmet_;
};

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

template <class F>
void at_each_processor_count(F&& test) {
  for (unsigned p : {1u, 2u, 4u, 8u}) test(p);
}

template <class F>
void on_one_two_and_seeded(F&& body) {
  pipes::run({.processors = 1}, [&] { body(); });
  pipes::run({.processors = 2}, [&] { body(); });
  for (std::uint64_t seed = 1; seed <= 5; ++seed) pipes::run({.seed = seed}, [&] { body(); });
}
