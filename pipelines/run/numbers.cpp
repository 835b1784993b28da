#include "pipelines/run/numbers.hpp"

#include <algorithm>

namespace pipes::pipelines {

void file_sums::add(const counted_file& file, std::optional<std::uint64_t> records) {
  auto& so_far = sums_.try_emplace(file.number(), sum{file, 0}).first->second.records;
  if (!records || !so_far) so_far.reset();
  else *so_far += *records;
  if (sums_.size() <= look_at_) return;
  std::erase_if(sums_, [](const auto& s) { return s.second.file.gone(); });
  look_at_ = std::max<std::size_t>(64, 2 * sums_.size());
}

std::optional<std::uint64_t> file_sums::of(const counted_file& file) const {
  const auto found = sums_.find(file.number());
  return found == sums_.end() ? 0 : found->second.records;
}

void record_counter::add(std::uint64_t ticket, std::optional<std::uint64_t> records, const counted_file& file) {
  std::lock_guard lock(mu_);
  pending_.emplace(ticket, piece_count{records, file});
  while (!pending_.empty() && pending_.begin()->first == next_) {
    sums_.add(pending_.begin()->second.file, pending_.begin()->second.records);
    pending_.erase(pending_.begin());
    ++next_;
  }
  moved_.notify_all();
}

void record_counter::wait_for(std::uint64_t ticket) {
  std::unique_lock lock(mu_);
  while (next_ < ticket) moved_.wait(lock);
}

std::optional<std::uint64_t> record_counter::before(std::uint64_t ticket, const counted_file& file, bool waits) {
  std::unique_lock lock(mu_);
  while (next_ < ticket) {
    if (!waits) return std::nullopt;
    moved_.wait(lock);
  }
  return sums_.of(file);
}

void arrived_records::add(pipe_batch* b) {
  const counted_file file(b);
  const std::uint64_t records = count(b);
  std::lock_guard lock(mu_);
  last_.push_back({b, sums_.of(file).value_or(0)});
  if (last_.size() > remembered) last_.pop_front();
  sums_.add(file, records);
}

std::optional<std::uint64_t> arrived_records::before(pipe_batch* b) const {
  std::lock_guard lock(mu_);
  const auto found = std::find_if(last_.rbegin(), last_.rend(), [b](const arrival& a) { return a.batch == b; });
  return found == last_.rend() ? std::nullopt : std::optional(found->first);
}

}  // namespace pipes::pipelines
