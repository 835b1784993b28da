// format.cpp: templates such as '{ip} {status}': fields in braces, {{ and }} for the braces themselves.
#include "core/expr/parser.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::expr {
namespace {

// Most texts are short: a call of memcpy takes longer than their bytes. Returns the place behind them.
inline char* put(char* to, std::string_view s) {
  const auto both_ends = [&](auto word) {  // overlapping
    std::memcpy(&word, s.data(), sizeof word);
    auto last = word;
    std::memcpy(&last, s.data() + s.size() - sizeof word, sizeof word);
    std::memcpy(to, &word, sizeof word);
    std::memcpy(to + s.size() - sizeof word, &last, sizeof word);
  };
  struct sixteen { std::uint64_t low, high; };
  if (s.size() > 32) std::memcpy(to, s.data(), s.size());
  else if (s.size() >= 16) both_ends(sixteen{});
  else if (s.size() >= 8) both_ends(std::uint64_t{});
  else if (s.size() >= 4) both_ends(std::uint32_t{});
  else if (s.size() >= 2) both_ends(std::uint16_t{});
  else if (!s.empty()) *to = s.front();
  return to + s.size();
}

class format final : public pipe_format {
 public:
  bool compile(std::string_view text, std::vector<remark>& remarks, bool escapes) {
    bool sound = true;
    literals_.emplace_back();
    const auto fault = [&](std::size_t offset, std::size_t length, std::string message) {
      remarks.push_back({offset, length, std::move(message)});
      sound = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
      const char c = text[i];
      if (const char meant = escapes && c == '\\' && i + 1 < text.size() ? escaped_as(text[i + 1]) : '\0') {
        literals_.back() += meant;
        ++i;
      } else if ((c == '{' || c == '}') && i + 1 < text.size() && text[i + 1] == c) {
        literals_.back() += c;
        ++i;
      } else if (c == '}') {
        fault(i, 1, "this } has no partner: write }} for the character itself");
      } else if (c == '{') {
        const std::size_t end = closing(text, i + 1);
        if (end == std::string_view::npos) {
          fault(i, 1, "this { is never closed: write {{ for the character itself");
          break;
        }
        add_field(text, i + 1, end, fault, remarks);
        i = end;
      } else {
        literals_.back() += c;
      }
    }
    return sound;
  }

  const std::vector<const pipe_field*>& reads() const override { return reads_; }

  const pipe_slice* render(pipe_batch* batch, output& out) override {
    const std::uint64_t n = pipes::count(batch);
    auto* slices = static_cast<pipe_slice*>(out.alloc(std::max<std::uint64_t>(n, 1) * sizeof(pipe_slice)));
    for (std::uint64_t first = 0; first < n; first += chunk_rows) {
      memory_.rewind();
      frame f{batch, first, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_rows, n - first)), memory_, ++serial_};
      render_chunk(f, out, slices + first);
    }
    return slices;
  }

 private:
  // What a backslash makes of the byte behind it, as in the texts of expressions; NUL: both stand for themselves.
  static char escaped_as(char c) {
    switch (c) {
      case 'n': return '\n';
      case 't': return '\t';
      case 'r': return '\r';
      case '\\': return '\\';
      default: return '\0';
    }
  }
  static std::size_t closing(std::string_view text, std::size_t at) {
    char quote = 0;
    for (; at < text.size(); ++at) {
      const char c = text[at];
      if (quote) {
        if (c == quote) quote = 0;
      } else if (c == '`' || c == '"' || c == '\'') {
        quote = c;
      } else if (c == '}') {
        return at;
      } else if (c == '{') {
        break;
      }
    }
    return std::string_view::npos;
  }

  template <class F>
  void add_field(std::string_view text, std::size_t begin, std::size_t end, F& fault, std::vector<remark>& remarks) {
    const std::string_view inner = text.substr(begin, end - begin);
    if (inner.empty()) {  // {} is the record itself
      fields_.push_back(nullptr);
      literals_.emplace_back();
      return;
    }
    if (inner.find_first_not_of(" \t") == std::string_view::npos) return fault(begin - 1, end + 2 - begin, "a field's name is missing between { and }: write {} for the record itself, {{ and }} for the braces themselves");
    std::vector<remark> found;
    parsed p = parse(inner, purpose::field, found);
    for (const remark& r : found) {
      if (r.warning) remarks.push_back({begin + r.offset, r.length, r.message, true});
      else fault(begin + r.offset, r.length, r.message + " (braces hold a field's name; compute values with map before, and write {{ for a brace)");
    }
    if (!p.root) return;
    fields_.push_back(p.root);
    for (const pipe_field* id : p.reads)
      if (std::find(reads_.begin(), reads_.end(), id) == reads_.end()) reads_.push_back(id);
    literals_.emplace_back();
  }

  void render_chunk(frame& f, output& out, pipe_slice* slices) {
    const std::size_t width = fields_.size();
    texts_.resize(width * f.n);
    std::size_t fixed = 1, size = 0;  // each record ends with a newline, so that all are written as one run
    for (const auto& l : literals_) fixed += l.size();
    for (std::size_t k = 0; k < width; ++k) {
      if (!fields_[k]) {
        std::uint64_t all = 0;
        const pipe_slice* r = pipes::records(f.batch, all) + f.first;
        for (std::size_t i = 0; i < f.n; ++i) {
          texts_[i * width + k] = view(r[i]);
          size += r[i].size;
        }
        continue;
      }
      const vec& v = fields_[k]->eval(f, nullptr);
      for (std::size_t i = 0; i < f.n; ++i) {
        const std::string_view t = to_text(v.at(i), f.memory);
        texts_[i * width + k] = t;
        size += t.size();
      }
    }
    char* p = static_cast<char*>(out.alloc(size + fixed * f.n));
    for (std::size_t i = 0; i < f.n; ++i) {
      char* const start = p;
      p = put(p, literals_[0]);
      for (std::size_t k = 0; k < width; ++k) {
        p = put(p, texts_[i * width + k]);
        p = put(p, literals_[k + 1]);
      }
      slices[i] = {start, static_cast<std::uint32_t>(p - start), PIPE_SLICE_NEWLINE};
      *p++ = '\n';
    }
  }

  std::vector<std::string> literals_;  // one more than fields
  std::vector<node_ptr> fields_;  // null: the record itself
  std::vector<const pipe_field*> reads_;
  std::vector<std::string_view> texts_;
  memory::arena memory_;
  std::uint64_t serial_ = 0;
};

}  // namespace
}  // namespace pipes::expr

std::unique_ptr<pipe_format> pipe_format::compile(std::string_view text, std::vector<pipes::remark>& remarks, bool escapes) {
  auto made = std::make_unique<pipes::expr::format>();
  if (!made->compile(text, remarks, escapes)) return nullptr;
  return made;
}
