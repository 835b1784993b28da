// diagnostic.cpp: places, carets, nearest names.
#include "pipelines/diagnostic.hpp"

#include <algorithm>
#include <cstdlib>

namespace pipes::pipelines {
namespace {

constexpr std::uint32_t shown_width = 150;  // characters of a long line that are shown

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), starts_character));
}

// Control characters would move the caret or the terminal.
char visible(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c; }

// Bytes that are no UTF-8 would break the terminal's line.
std::string valid_utf8(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size();) {
    const auto c = static_cast<unsigned char>(out[i]);
    std::size_t length = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (i + length > out.size()) length = 0;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(out[i + k]) & 0xC0) != 0x80) length = 0;
    // Longer than need be, half of a pair of UTF-16, or beyond the last character.
    if (const auto next = length > 2 ? static_cast<unsigned char>(out[i + 1]) : 0x80; (c == 0xE0 && next < 0xA0) || (c == 0xED && next > 0x9F) || (c == 0xF0 && next < 0x90) || (c == 0xF4 && next > 0x8F)) length = 0;
    if (length == 0) out[i] = '?', length = 1;
    i += length;
  }
  return out;
}

std::size_t byte_of_character(std::string_view text, std::uint32_t n) {
  std::size_t i = 0;
  for (; i < text.size(); ++i)
    if (starts_character(text[i]) && n-- == 0) break;
  return i;
}

}  // namespace

source_text::source_text(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {
  starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') starts_.push_back(static_cast<std::uint32_t>(i + 1));
}

std::string_view source_text::slice(span s) const {
  const std::uint32_t end = std::min<std::uint32_t>(s.end, static_cast<std::uint32_t>(text_.size()));
  const std::uint32_t begin = std::min(s.begin, end);
  return std::string_view(text_).substr(begin, end - begin);
}

span source_text::line_at(std::uint32_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text_.size())));
  std::uint32_t end = next == starts_.end() ? static_cast<std::uint32_t>(text_.size()) : *next - 1;
  const std::uint32_t begin = *(next - 1);
  if (end > begin && text_[end - 1] == '\r') --end;
  return {begin, end};
}

place source_text::locate(std::uint32_t offset) const {
  offset = std::min<std::uint32_t>(offset, static_cast<std::uint32_t>(text_.size()));
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const std::uint32_t begin = *(next - 1);
  return {static_cast<std::uint32_t>(next - starts_.begin()), characters(std::string_view(text_).substr(begin, offset - begin)) + 1};
}

void diagnostics::add(severity sev, const source_text& s, span at, std::string message, std::string hint, std::string note) {
  diagnostic d;
  d.where = s.locate(at.begin);
  for (const diagnostic& known : list_)
    if (known.where.line == d.where.line && known.where.column == d.where.column && known.message == message) return;
  (sev == severity::error ? errors_ : warnings_)++;
  if (list_.size() >= most_told) {
    ++untold_;
    return;
  }
  d.severity = sev;
  d.file = s.name();
  d.message = std::move(message);
  d.hint = std::move(hint);
  d.note = std::move(note);
  const span line = s.line_at(at.begin);
  const std::string text = valid_utf8(s.slice(line));
  std::uint32_t caret = d.where.column - 1;
  const std::uint32_t end = std::clamp(at.end, at.begin, std::max(line.end, at.begin));
  d.caret_length = std::max<std::uint32_t>(1, characters(s.slice({at.begin, end})));
  const std::uint32_t width = characters(text);
  if (width > shown_width) {
    const std::uint32_t first = caret > shown_width / 2 ? caret - shown_width / 2 : 0;
    const std::uint32_t last = std::min(width, first + shown_width);
    const std::size_t from = byte_of_character(text, first), to = byte_of_character(text, last);
    if (first > 0) d.excerpt = "… ", caret += 2;
    d.excerpt.append(text, from, to - from);
    caret -= first;
    d.caret_length = std::min(d.caret_length, std::max<std::uint32_t>(1, last - std::min(last, first + caret)));
    if (last < width) d.excerpt += " …";
  } else {
    d.excerpt = text;
  }
  std::transform(d.excerpt.begin(), d.excerpt.end(), d.excerpt.begin(), visible);
  d.caret = caret;
  list_.push_back(std::move(d));
}

void diagnostics::error(const source_text& s, span at, std::string message, std::string hint, std::string note) {
  add(severity::error, s, at, std::move(message), std::move(hint), std::move(note));
}

void diagnostics::warning(const source_text& s, span at, std::string message, std::string hint, std::string note) {
  add(severity::warning, s, at, std::move(message), std::move(hint), std::move(note));
}

void diagnostics::error(std::string file, std::string message, std::string note) {
  ++errors_;
  diagnostic d;
  d.file = std::move(file);
  d.message = std::move(message);
  d.note = std::move(note);
  list_.push_back(std::move(d));
}

void diagnostics::plugin_error(const source_text& s, span at, std::string message, std::string hint, std::string note) {
  const std::size_t before = errors_;
  add(severity::error, s, at, std::move(message), std::move(hint), std::move(note));
  plugin_errors_ += errors_ - before;
}

int diagnostics::exit_code() const {
  if (errors_ == 0) return 0;
  return errors_ == plugin_errors_ ? 3 : 2;
}

std::vector<diagnostic> diagnostics::sorted() const {
  std::vector<diagnostic> result = list_;
  std::stable_sort(result.begin(), result.end(), [](const diagnostic& a, const diagnostic& b) {
    if (a.file != b.file) return false;
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
  return result;
}

std::string diagnostics::print() const {
  std::string out;
  for (const diagnostic& d : sorted()) {
    out += printable(d.file);
    if (d.where.known()) out += ':' + std::to_string(d.where.line) + ':' + std::to_string(d.where.column);
    out += d.severity == severity::error ? ": error: " : ": warning: ";
    out += printable(d.message) + '\n';
    if (d.where.known()) {
      const std::string number = std::to_string(d.where.line);
      out += number + " | " + printable(d.excerpt) + '\n';
      out += std::string(number.size(), ' ') + " | " + std::string(d.caret, ' ') + std::string(d.caret_length, '^');
      if (!d.hint.empty()) out += ' ' + printable(d.hint);
      out += '\n';
    }
    if (!d.note.empty()) out += "note: " + d.note + '\n';
  }
  if (untold_ != 0) out += "and " + std::to_string(untold_) + " more\n";
  return out;
}

std::string printable(std::string_view text) {
  std::string out = valid_utf8(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    char& c = out[i];
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) c = '?';
    // U+0080 to U+009F: what ESC and a letter are, in one.
    if (static_cast<unsigned char>(c) == 0xC2 && static_cast<unsigned char>(out[i + 1]) < 0xA0) out.replace(i, 2, "?");
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  std::string out = "'";
  std::size_t end = std::min(most, text.size());
  while (end < text.size() && end > 0 && !starts_character(text[end])) --end;
  for (char c : text.substr(0, end)) {
    if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else out += visible(c);
  }
  if (end < text.size()) out += "…";
  return out + '\'';
}

std::string yaml_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) {
    if (c == '\'') out += '\'';
    out += visible(c);
  }
  return out + '\'';
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  constexpr std::size_t longest = 40;
  if (name.empty() || name.size() > longest) return {};
  std::string best;
  std::size_t best_distance = name.size() == 1 ? 1 : std::max<std::size_t>(1, name.size() / 3) + 1;  // of one letter every other is a change away
  constexpr std::size_t most_candidates = 1000;
  for (std::size_t n = 0; n < std::min(candidates.size(), most_candidates); ++n) {
    const std::string& candidate = candidates[n];
    if (candidate.size() > longest || candidate == name) continue;
    // Edits with swaps of neighbours (optimal string alignment); case counts as nothing.
    std::vector<std::size_t> two, one(candidate.size() + 1), row(candidate.size() + 1);
    for (std::size_t j = 0; j < one.size(); ++j) one[j] = j;
    two = one;
    const auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    for (std::size_t i = 1; i <= name.size(); ++i) {
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        row[j] = std::min({one[j] + 1, row[j - 1] + 1, one[j - 1] + (same(name[i - 1], candidate[j - 1]) ? 0 : 1)});
        if (i > 1 && j > 1 && same(name[i - 1], candidate[j - 2]) && same(name[i - 2], candidate[j - 1]))
          row[j] = std::min(row[j], two[j - 2] + 1);
      }
      two = one;
      one = row;
    }
    if (one.back() < best_distance) best_distance = one.back(), best = candidate;
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string best = nearest(name, candidates);
  return best.empty() ? std::string() : "did you mean '" + best + "'?";
}

std::string listed(const std::vector<std::string>& names, std::string_view last_word) {
  constexpr std::size_t most = 16;
  std::string out;
  const std::size_t n = std::min(names.size(), most);
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) out += i + 1 == n && n == names.size() ? ' ' + std::string(last_word) + ' ' : ", ";
    out += names[i];
  }
  if (n < names.size()) out += ", …";
  return out;
}

std::string suggest_type(const std::string& written, const std::vector<std::string>& known) {
  const std::string plugin = written.substr(0, written.find('.')), last = written.substr(written.find('.') + 1);
  std::vector<std::string> same, last_parts, of_plugin, siblings;
  for (const std::string& type : known) {
    const std::size_t dot = type.find('.');
    if (dot == std::string::npos) continue;
    last_parts.push_back(type.substr(dot + 1));
    if (last_parts.back() == last) same.push_back(in_quotes(type));
    if (type.compare(0, dot, plugin) == 0) of_plugin.push_back(type), siblings.push_back(last_parts.back());
  }
  if (!same.empty()) return "did you mean " + listed(same) + "?";
  // What other tools call it.
  static constexpr std::pair<std::string_view, std::string_view> elsewhere[] = {
      {"limit", "head"}, {"take", "head"}, {"uniq", "distinct"}, {"unique", "distinct"}, {"group_by", "group"}, {"cat", "io.read"}, {"file", "io.read"},
      {"wc", "count"}, {"sed", "text.replace"}, {"awk", "text.fields"}, {"cut", "text.split"}, {"jq", "json.get"}, {"xargs", "exec.each"}, {"parallel", "exec.each"}};
  for (const auto& [name, here] : elsewhere)
    if (written == name && std::find(known.begin(), known.end(), here) != known.end()) return "it is called '" + std::string(here) + "' here";
  if (const std::string near = nearest(last, siblings); !near.empty() && plugin != written) return "did you mean '" + plugin + '.' + near + "'?";
  if (!of_plugin.empty()) return "the stages of plugin '" + plugin + "': " + listed(of_plugin, "and");
  if (std::string hint = did_you_mean(written, known); !hint.empty() || plugin != written) return hint;
  const std::string part = nearest(written, last_parts);
  return part.empty() ? part : suggest_type(part, known);
}

}  // namespace pipes::pipelines
