// plugins/json/layout_learner.hpp: makes a layout of a record that is known to be sound, and keeps those of one source.
//
// Of the values of one kind of record many hardly ever change. Those that were the same in a handful of records are made part of the
// pieces, in a second layout that is tried first: there is less to compare and to look at. Where it rarely fits it is given up.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include "json/layout.hpp"

#if defined(__x86_64__)
namespace reader {

namespace json = shared::json;

class layout_learner {
 public:
  static constexpr std::size_t nobody = SIZE_MAX;

  // The values of a record, in their order, as they are written; of arrays nothing. `steady`: such ones of records that fit one layout,
  // those that differ are left out.
  using values = std::vector<std::string>;

  // The record begins with its brace; number_of(raw key) as in shape.hpp. `steady`: what every record of the layout is to hold, unless
  // it is asked for. False: there is no layout for it.
  template <class Number>
  static bool learn(layout& to, const char* text, std::size_t size, const marks& m, Number number_of, const values& steady = {}) {
    layout_learner l(to, text, m.quotes(), &steady, nullptr);
    return l.object(text, text + size, number_of, 0) == text + size && l.at_ == m.quotes() + m.count() && l.cut(size, true) && l.write();
  }
  // Of a record for which there is a layout.
  static values values_of(const char* text, std::size_t size, const marks& m) {
    layout none;
    values all;
    layout_learner(none, text, m.quotes(), nullptr, &all).object(text, text + size, [](std::string_view) { return nobody; }, 0);
    return all;
  }

 private:
  layout_learner(layout& to, const char* text, const std::uint16_t* quotes, const values* steady, values* all)
      : to_(to), text_(text), steady_(steady), all_(all), at_(quotes) {
    to.stretches_.emplace_back();
  }

  // What lies between two values, with its first quote, numbered within the stretch.
  struct piece {
    std::size_t stretch, begin, end;
    std::size_t quote, quote_at;
  };
  struct spot {
    std::size_t at, in;  // of the piece
  };
  struct span {
    spot from, to;
  };
  struct asked {
    std::size_t key;
    layout::asked::kind what;
    span where;
  };

  std::size_t offset(const char* p) const { return static_cast<std::size_t>(p - text_); }
  spot here(const char* p) const { return {offset(p), pieces_.size()}; }

  // The piece from begin_ up to `end`. The last one hangs on the end of the record, as if a quote stood there.
  bool cut(std::size_t end, bool last = false) {
    if (last) {
      if (quote_known_) {
        to_.closing_ = at_ - base_ - static_cast<std::ptrdiff_t>(quote_);
        to_.behind_ = static_cast<int>(end - quote_at_);
      }
      quote_ = base_ ? static_cast<std::size_t>(at_ - base_) : 0;
      quote_at_ = end;
      to_.stretches_.back().quotes = static_cast<int>(quote_);
    }
    // Whoever compares it must not read beyond the guard, nor before the text: as many bytes lie there as quotes were passed.
    if (end > begin_ + layout::longest || quote_at_ > begin_ + layout::longest || end > quote_at_ + layout::longest || quote_ >= layout::most_quotes) return false;
    const std::size_t lead = pieces_.empty() ? 0 : pieces_[0].quote_at;
    if (!pieces_.empty() && quote_at_ > begin_ + quote_ + lead) return false;
    pieces_.push_back({to_.stretches_.size() - 1, begin_, end, quote_, quote_at_});
    quote_known_ = false;
    return true;
  }
  void pass(std::size_t quotes) {  // the next ones, in the piece
    if (!base_) base_ = at_;
    if (!quote_known_) {
      quote_ = static_cast<std::size_t>(at_ - base_);
      quote_at_ = *at_;
      quote_known_ = true;
    }
    at_ += quotes;
  }

  template <class Number>
  const char* object(const char* p, const char* const end, Number number_of, std::size_t depth) {
    if (depth == layout::deepest) return nullptr;
    p = json::skip_blanks(p + 1, end);
    if (*p == '}') return depth ? p + 1 : nullptr;
    for (;;) {
      const char* const key = p + 1;
      pass(2);
      const std::size_t number = depth ? nobody : number_of(std::string_view(key, static_cast<std::size_t>(text_ + at_[-1] - key)));
      p = json::skip_blanks(json::skip_blanks(text_ + at_[-1] + 1, end) + 1, end);
      const auto what = *p == '"' ? layout::asked::text : *p <= '9' ? layout::asked::number : layout::asked::other;
      const std::size_t quote = what == layout::asked::text;
      const spot from = here(p + quote);
      p = value(p, end, number_of, depth, number == nobody);
      if (!p) return nullptr;
      if (number != nobody) asked_.push_back({number, what, {from, here(p - quote)}});
      p = json::skip_blanks(p, end);
      if (*p == '}') return p + 1;
      p = json::skip_blanks(p + 1, end);
    }
  }
  template <class Number>
  const char* value(const char* p, const char* const end, Number number_of, std::size_t depth, bool may_be_steady) {
    if (*p == '{') return object(p, end, number_of, depth + 1);
    const char* const behind = *p == '"' ? text_ + at_[1] + 1 : json::value_end(p, end);
    const std::string_view token(p, static_cast<std::size_t>(behind - p));
    if (all_) all_->emplace_back(*p == '[' ? std::string_view{} : token);
    const std::size_t number = values_++;
    if (may_be_steady && is_steady(number, token) && offset(behind) - begin_ <= layout::longest / 2) {
      if (*p == '"') pass(2);
      return behind;
    }
    if (*p == '"') {
      if (!cut(offset(p) + 1)) return nullptr;
      begin_ = *++at_;
      pass(1);
      return behind;
    }
    if (!cut(offset(p))) return nullptr;
    const span where{{offset(p), pieces_.size() - 1}, {offset(behind), pieces_.size()}};
    begin_ = offset(behind);
    if (*p != '[') {
      (*p > '9' ? words_ : numbers_).push_back(where);
    } else if (*at_ > begin_) {
      arrays_.push_back(where);
    } else {
      if (to_.stretches_.size() == layout::most_stretches) return nullptr;
      between_.push_back(where.from);
      to_.stretches_.back().quotes = static_cast<int>(at_ - base_);
      to_.stretches_.emplace_back();
      while (*at_ < begin_) ++at_;
      base_ = nullptr;
    }
    return behind;
  }

  // Puts the places of all stretches down, in the order that the layout wants.
  bool write() {
    std::vector<std::pair<std::size_t, std::size_t>> ends(asked_.size());
    for (std::size_t s = 0; s < to_.stretches_.size(); ++s) {
      layout::stretch& part = to_.stretches_[s];
      part.at = to_.quotes_.size();
      bool begun = false;
      for (const piece& p : pieces_) {
        if (p.stretch != s) continue;
        if (!begun) part.begin = static_cast<int>(p.begin) - static_cast<int>(p.quote_at);
        begun = true;
        for (std::size_t from = p.begin; from < p.end; from += sizeof layout::chunk::text) {
          layout::chunk c{};
          const std::size_t n = std::min(sizeof c.text, p.end - from);
          std::memcpy(&c.text, text_ + from, n);
          std::memset(&c.mask, 0xff, n);
          to_.chunks_.push_back(c);
          place(p, from);
        }
      }
      part.chunks = to_.quotes_.size() - part.at;
      part.numbers = places_of(numbers_, s);
      part.words = places_of(words_, s);
      part.arrays = places_of(arrays_, s);
      if (s < between_.size()) place(between_[s]);
      for (std::size_t i = 0; i < asked_.size(); ++i) {
        const span& where = asked_[i].where;
        if (pieces_[where.from.in].stretch == s) ends[i].first = place(where.from);
        if (pieces_[where.to.in].stretch == s) ends[i].second = place(where.to);
      }
      while (to_.quotes_.size() % 32) place(pieces_[0], pieces_[0].quote_at);
      part.places = to_.quotes_.size() - part.at;
    }
    for (std::size_t i = 0; i < asked_.size(); ++i) to_.asked_.push_back({asked_[i].key, ends[i].first, ends[i].second, asked_[i].what});
    return to_.quotes_.size() <= layout::most;
  }
  std::size_t place(const piece& in, std::size_t at) {
    to_.quotes_.push_back(static_cast<std::uint16_t>(in.quote));
    to_.distances_.push_back(static_cast<std::uint16_t>(at - in.quote_at));
    return to_.quotes_.size() - 1;
  }
  std::size_t place(spot s) { return place(pieces_[s.in], s.at); }
  std::size_t places_of(const std::vector<span>& spans, std::size_t stretch) {
    const std::size_t before = to_.quotes_.size();
    for (const span& s : spans)
      if (pieces_[s.from.in].stretch == stretch) place(s.from), place(s.to);
    return to_.quotes_.size() - before;
  }

  bool is_steady(std::size_t number, std::string_view token) const { return steady_ && number < steady_->size() && (*steady_)[number] == token; }

  layout& to_;
  const char* text_;
  const values* steady_;
  values* all_;
  std::size_t values_ = 0;  // passed
  std::size_t begin_ = 0;   // of the piece that is being read
  std::size_t quote_ = 0, quote_at_ = 0;
  bool quote_known_ = false;
  const std::uint16_t* at_;              // the next quote
  const std::uint16_t* base_ = nullptr;  // the first of the stretch, once it is met
  std::vector<piece> pieces_;
  std::vector<spot> between_;  // values between stretches
  std::vector<span> numbers_, words_, arrays_;
  std::vector<asked> asked_;
};

// Records that differ in their values alone. Of these 16 are looked at, some way apart, for what is steady; where then less than three
// quarters of a few hundred fit, the next search is put off, longer and longer.
class record_kind {
 public:
  layout any;  // they all fit it

  template <class Number, class Found>
  bool fits(const char* text, std::size_t size, const marks& m, Number number_of, Found found) {
    if (usual_) {
      const bool yes = usual_->fits(text, size, m, found);
      hits_ += yes;
      if (++tries_ == term) review();
      if (yes) return true;
    }
    if (!any.fits(text, size, m, found)) return false;
    if (!usual_ && --until_sample_ == 0) sample(text, size, m, number_of);
    return true;
  }

 private:
  static constexpr unsigned samples = 16, apart = 16, term = 256, worth = term * 3 / 4, longest_rest = 1u << 16;

  template <class Number>
  __attribute__((noinline)) void sample(const char* text, std::size_t size, const marks& m, Number number_of) {
    layout_learner::values now = layout_learner::values_of(text, size, m);
    if (sampled_ == 0) steady_ = std::move(now);
    for (std::size_t i = 0; i < std::min(steady_.size(), now.size()); ++i)
      if (sampled_ && steady_[i] != now[i]) steady_[i].clear();
    if (!steady_.empty()) steady_.back().clear();  // behind the last value hangs the record's end, and not much may stand between
    until_sample_ = apart;
    if (++sampled_ < samples) return;
    sampled_ = 0;
    usual_.reset(new layout);
    if (layout_learner::learn(*usual_, text, size, m, number_of, steady_))
      for (std::size_t i = 0; i < any.wanted().size(); ++i) usual_->wanted()[i].column = any.wanted()[i].column;
    else
      rest();
  }
  void review() {
    if (hits_ < worth) rest();
    tries_ = hits_ = 0;
  }
  void rest() {
    usual_.reset();
    until_sample_ = rest_;
    rest_ = std::min(2 * rest_, longest_rest);
  }

  std::unique_ptr<layout> usual_;  // of the records whose steady values are the usual ones
  unsigned tries_ = 0, hits_ = 0;  // of this term
  layout_learner::values steady_;
  unsigned sampled_ = 0, until_sample_ = apart, rest_ = 4 * term;
};

// The kinds of records of one source, the one that was met last first. Where they rarely fit, they are left alone, longer and longer.
class layouts {
 public:
  // Whether the record fits one of them.
  template <class Number, class Found>
  bool fit(const char* text, std::size_t size, const marks& m, Number number_of, Found found) {
    if (resting_) {
      --resting_;
      return false;
    }
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (!known_[i]->fits(text, size, m, number_of, found)) continue;
      if (i) std::rotate(known_.begin(), known_.begin() + static_cast<std::ptrdiff_t>(i), known_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
      if (patience_ < patient) ++patience_;
      return true;
    }
    return false;
  }
  // Of a sound record that fits none. settle(values asked for) may give them their columns.
  template <class Number, class Settle>
  void learn(const char* text, std::size_t size, const marks& m, Number number_of, Settle settle) {
    if (resting_) return;
    if (--patience_ == 0) {
      known_.clear();
      patience_ = patient;
      resting_ = rest_;
      rest_ = std::min(2 * rest_, longest_rest);
      return;
    }
    if (known_.size() == most) return;
    auto kind = std::make_unique<record_kind>();
    if (!layout_learner::learn(kind->any, text, size, m, number_of)) return;
    settle(kind->any.wanted());
    known_.insert(known_.begin(), std::move(kind));
  }

 private:
  static constexpr std::size_t most = 16, patient = 64, longest_rest = 1u << 16;
  std::vector<std::unique_ptr<record_kind>> known_;
  std::size_t patience_ = patient;  // falls with each record that fits none, rises with each that does
  std::size_t resting_ = 0;         // so many more records are not held against them
  std::size_t rest_ = 4096;         // of the next rest
};

}  // namespace reader
#endif
