// pattern.cpp: regular expressions (PCRE2 with its JIT) and fixed texts over batches.
//
// There are four ways to find the records of an uncut block that match, all with the same answer (scan):
//   a fixed text            is searched by vector instructions;
//   any byte will do ('.')  only the line ends are searched;
//   a required text         if it is rare enough: the pattern is tried on the records that hold it;
//   any other               is searched over the whole block as pattern_syntax.hpp rewrites it; where that is not sure to mean the same, it
//                           is tried on record after record.
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/expr/expr.hpp"
#include "core/expr/literal.hpp"
#include "core/expr/pattern_syntax.hpp"

#include <pcre2.h>

#include <cstring>
#include <stdexcept>

namespace pipes::expr {
namespace {

struct free_code { void operator()(pcre2_code* p) const { pcre2_code_free(p); } };
struct free_data { void operator()(pcre2_match_data* p) const { pcre2_match_data_free(p); } };
struct free_context { void operator()(pcre2_match_context* p) const { pcre2_match_context_free(p); } };
struct free_stack { void operator()(pcre2_jit_stack* p) const { pcre2_jit_stack_free(p); } };

constexpr std::size_t jit_stack_start = 32 * 1024;
constexpr std::size_t jit_stack_limit = 1024 * 1024;
// So many records that hold the required text may fail before it counts as too common, and the pattern itself is searched over the block.
constexpr std::uint32_t probe_records = 64;
// A fixed text needs no program. (A longer one is compiled all the same: PCRE2 shall say whether it is too long.)
constexpr std::size_t longest_plain = 4096;

std::string error_text(int number) {
  if (number == 143) return "two groups have the same name";
  PCRE2_UCHAR buffer[256];
  const int size = pcre2_get_error_message(number, buffer, sizeof buffer);
  return size > 0 ? std::string(reinterpret_cast<const char*>(buffer), static_cast<std::size_t>(size)) : "unknown error";
}

const char* remedy(int number) {
  switch (number) {
    case 101: return R"(; write \\ for a backslash)";
    case 106: return R"(; write \[ for the character itself)";
    case 109: return R"(; put a backslash before a * + or ? that means the character itself)";
    case 114: return R"(: a '(' has no partner; write \( for the character itself)";
    case 122: return R"(: a ')' has no partner; write \) for the character itself)";
    default: return "";
  }
}

const PCRE2_UCHAR* units(const char* p) { return reinterpret_cast<const PCRE2_UCHAR*>(p); }

// A compiled regular expression. Without the JIT (no executable memory) the interpreter does the work.
struct program {
  std::unique_ptr<pcre2_code, free_code> code;
  bool direct = false;  // pcre2_jit_match may be called, which saves the checks of pcre2_match
  explicit operator bool() const { return code != nullptr; }
};

program compile_code(std::string_view text, std::uint32_t options, int& error, std::size_t& offset) {
  PCRE2_SIZE at = 0;
  program made;
  made.code.reset(pcre2_compile(units(text.data()), text.size(), options, &error, &at, nullptr));
  offset = at;
  return made;
}
void translate(program& p, bool utf) {
  if (p.code) p.direct = pcre2_jit_compile(p.code.get(), PCRE2_JIT_COMPLETE) == 0 && !utf;
}

// PCRE2 may be built so that '.' excludes '\r', too.
bool dot_is_all_but_newline() {
  std::uint32_t newline = 0;
  return pcre2_config(PCRE2_CONFIG_NEWLINE, &newline) == 0 && newline == PCRE2_NEWLINE_LF;
}

class pattern final : public pipe_pattern {
 public:
  pattern(std::string_view text, bool fixed) : fixed_(fixed), needle_(text) {}

  bool compile(std::string_view text, std::vector<remark>& remarks) {
    const std::size_t backspace = text.find('\b');
    if (backspace != std::string_view::npos) {
      remarks.push_back({backspace, 1, "the pattern holds a backspace character: within double quotes \\b is one; write the pattern in single quotes"});
      return false;
    }
    plan_ = plan_pattern(text);
    plan_.not_empty = plan_.not_empty && dot_is_all_but_newline();
    if (plan_.plain && !plan_.utf && text.size() <= longest_plain) {
      fixed_ = true;
      needle_ = literal(plan_.required);
      return true;
    }
    const std::uint32_t utf = plan_.utf ? PCRE2_UTF | PCRE2_MATCH_INVALID_UTF : PCRE2_NEVER_UTF;
    int error = 0;
    std::size_t offset = 0;
    record_code_ = compile_code(text, PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C | utf, error, offset);
    if (!record_code_) {
      offset = std::min(offset, text.size());
      remarks.push_back({offset, 1, "the regular expression does not compile: " + error_text(error) + remedy(error)});
      return false;
    }
    if (plan_.plain) {
      fixed_ = true;
      needle_ = literal(plan_.required);
    } else {
      if (plan_.by_block)
        block_code_ = compile_code(plan_.block, PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | utf, error, offset);
      needle_ = literal(plan_.required);
      if (needle_.text().size() >= 2) by_needle_ = true;
    }
    pcre2_pattern_info(record_code_.code.get(), PCRE2_INFO_CAPTURECOUNT, &groups_);
    read_names();
    return true;
  }

  std::uint32_t groups() const override { return groups_; }
  std::string_view group_name(std::uint32_t group) const override { return group < names_.size() ? std::string_view(names_[group]) : std::string_view(); }

  void rows(pipe_batch* batch, bool invert, std::uint32_t* rows, std::uint64_t& count) override {
    std::uint64_t n = 0;
    const pipe_slice* records = pipes::records(batch, n);
    std::uint64_t k = 0;
    std::string_view bytes;
    if (searchable(batch, bytes)) {
      std::uint64_t row = 0;
      scan(bytes, [&](const char* begin, const char*) {
        for (; row < n && records[row].data < begin; ++row)
          if (invert) rows[k++] = static_cast<std::uint32_t>(row);
        if (row < n && !invert) rows[k++] = static_cast<std::uint32_t>(row);
        ++row;
      });
      if (invert) for (; row < n; ++row) rows[k++] = static_cast<std::uint32_t>(row);
    } else {
      for (std::uint64_t i = 0; i < n; ++i) {
        rows[k] = static_cast<std::uint32_t>(i);
        k += matches(records[i], i) != invert;
      }
    }
    count = k;
  }

  void pass(pipe_batch* batch, bool invert, output& out, std::uint32_t port) override {
    std::string_view bytes;
    if (has_fields(batch) || !pipes::block(batch, bytes)) {
      selected_.resize(pipes::count(batch));
      std::uint64_t k = 0;
      rows(batch, invert, selected_.data(), k);
      if (k == selected_.size()) out.pass(port, batch, nullptr, 0);
      else if (k) out.pass(port, batch, selected_.data(), k);
      return;
    }
    if (plan_.not_empty && !invert && !bytes.empty() && bytes.front() != '\n' && !blank_.find(bytes.data(), bytes.data() + bytes.size()))
      return out.pass(port, batch, nullptr, 0);
    slices_.clear();
    const char* const end = bytes.data() + bytes.size();
    const char* kept = bytes.data();  // invert: everything before it is dealt with
    std::size_t skipped = 0;          // bytes of records that do not go on
    if (invert) {
      scan(bytes, [&](const char* begin, const char* stop) {
        cut(kept, begin, end);
        kept = stop < end ? stop + 1 : end;
        skipped += static_cast<std::size_t>(kept - begin);
      });
      if (skipped) cut(kept, end, end);
      else return out.pass(port, batch, nullptr, 0);
    } else {
      std::size_t taken = 0;
      scan(bytes, [&](const char* begin, const char* stop) {
        slices_.push_back({begin, static_cast<std::uint32_t>(stop - begin), stop < end ? PIPE_SLICE_NEWLINE : 0u});
        taken += static_cast<std::size_t>(stop - begin) + (stop < end);
      });
      if (taken == bytes.size()) {
        if (taken) out.pass(port, batch, nullptr, 0);
        return;
      }
    }
    emit(batch, out, port);
  }

  bool find(std::string_view text, std::size_t start, std::uint64_t* offsets, std::size_t room, std::uint64_t& filled) override {
    filled = 0;
    const bool not_empty = (room & PIPE_FIND_NOT_EMPTY) != 0;
    room &= ~PIPE_FIND_NOT_EMPTY;
    if (!record_code_ && not_empty && needle_.text().empty()) ++start;
    if (start > text.size()) return false;
    if (!record_code_) {
      const char* hit = needle_.find(text.data() + start, text.data() + text.size());
      if (!hit) return false;
      if (room) {
        offsets[0] = static_cast<std::uint64_t>(hit - text.data());
        offsets[1] = offsets[0] + needle_.text().size();
        filled = 1;
      }
      return true;
    }
    const int rc = match(record_code_, text.data(), text.size(), start, not_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
    if (rc < 0) {
      if (rc != PCRE2_ERROR_NOMATCH) give_up(rc, text, UINT64_MAX);
      return false;
    }
    const PCRE2_SIZE* found = pcre2_get_ovector_pointer(data_.get());
    for (; filled < room && filled <= groups_; ++filled) {
      const bool set = filled < static_cast<std::uint64_t>(rc) && found[2 * filled] != PCRE2_UNSET;
      offsets[2 * filled] = set ? found[2 * filled] : UINT64_MAX;
      offsets[2 * filled + 1] = set ? found[2 * filled + 1] : UINT64_MAX;
    }
    return true;
  }

  void capture(pipe_batch* batch, const std::uint32_t* groups, std::size_t group_count, output& out, std::uint32_t* rows,
               std::uint64_t& count, pipe_column* columns) override {
    std::uint64_t n = 0;
    const pipe_slice* records = pipes::records(batch, n);
    std::vector<pipe_slice*> slices(group_count);
    std::vector<std::uint8_t*> tags(group_count);
    std::vector<std::uint64_t> missing(group_count);
    for (std::size_t g = 0; g < group_count; ++g) {
      slices[g] = static_cast<pipe_slice*>(out.alloc(n * sizeof(pipe_slice)));
      tags[g] = static_cast<std::uint8_t*>(out.alloc(n));
    }
    std::uint64_t k = 0;
    for (std::uint64_t i = 0; i < n; ++i) {
      const char* data = records[i].data;
      PCRE2_SIZE whole[2];
      const PCRE2_SIZE* found = whole;
      int rc = 1;
      if (record_code_) {
        rc = match(record_code_, data, records[i].size, 0);
        if (rc == PCRE2_ERROR_NOMATCH) continue;
        if (rc < 0) give_up(rc, view(records[i]), i);
        found = pcre2_get_ovector_pointer(data_.get());
      } else {
        const char* hit = needle_.find(data, data + records[i].size);
        if (!hit) continue;
        whole[0] = static_cast<PCRE2_SIZE>(hit - data);
        whole[1] = whole[0] + needle_.text().size();
      }
      for (std::size_t g = 0; g < group_count; ++g) {
        const std::uint32_t group = groups[g];
        // \K inside an assertion may put the end before the start: such a group has no text.
        const bool set = group < static_cast<std::uint32_t>(rc) && found[2 * group] != PCRE2_UNSET && found[2 * group] <= found[2 * group + 1];
        tags[g][k] = set ? PIPE_WORD : PIPE_MISSING;
        slices[g][k] = set ? pipe_slice{data + found[2 * group], static_cast<std::uint32_t>(found[2 * group + 1] - found[2 * group]), 0}
                           : pipe_slice{nullptr, 0, 0};
        missing[g] += !set;
      }
      rows[k++] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t g = 0; g < group_count; ++g) {
      const std::uint32_t all = missing[g] == 0 ? PIPE_WORD : missing[g] == k ? PIPE_MISSING : PIPE_MIXED;
      columns[g] = {sizeof(pipe_column), all, k, tags[g], nullptr, slices[g]};
    }
    count = k;
  }

 private:
  // What a search needs beyond the compiled pattern. Made by the first one: who only wants to know whether it is a pattern needs none of it.
  __attribute__((noinline)) void prepare() {
    translate(record_code_, plan_.utf);
    translate(block_code_, plan_.utf);
    data_.reset(pcre2_match_data_create_from_pattern(record_code_.code.get(), nullptr));
    context_.reset(pcre2_match_context_create(nullptr));
    stack_.reset(pcre2_jit_stack_create(jit_stack_start, jit_stack_limit, nullptr));
    if (!data_ || !context_ || !stack_) throw std::bad_alloc();
    pcre2_jit_stack_assign(context_.get(), nullptr, stack_.get());
  }

  void read_names() {
    names_.resize(groups_ + 1);
    std::uint32_t name_count = 0, size = 0;
    PCRE2_SPTR table = nullptr;
    pcre2_pattern_info(record_code_.code.get(), PCRE2_INFO_NAMECOUNT, &name_count);
    pcre2_pattern_info(record_code_.code.get(), PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(record_code_.code.get(), PCRE2_INFO_NAMETABLE, &table);
    for (std::uint32_t i = 0; i < name_count; ++i, table += size)
      names_[static_cast<std::uint32_t>(table[0] << 8 | table[1])] = reinterpret_cast<const char*>(table + 2);
  }

  int match(const program& with, const char* data, std::size_t size, std::size_t start, std::uint32_t options = 0) {
    if (!stack_) prepare();
    return with.direct ? pcre2_jit_match(with.code.get(), units(data), size, start, options, data_.get(), context_.get())
                       : pcre2_match(with.code.get(), units(data), size, start, options, data_.get(), context_.get());
  }

  bool matches(const pipe_slice& record, std::uint64_t row) {
    const char* data = record.data ? record.data : "";
    if (fixed_) return needle_.find(data, data + record.size) != nullptr;
    const int rc = match(record_code_, data, record.size, 0);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH) give_up(rc, view(record), row);
    return rc >= 0;
  }

  [[noreturn]] static void give_up(int rc, std::string_view record, std::uint64_t row) {
    std::string start(record.substr(0, 60));
    for (char& c : start) if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    const std::string what = row == UINT64_MAX ? "the text" : "record " + std::to_string(row + 1) + " of its batch";
    const std::string where = what + " ('" + start + (record.size() > 60 ? "…')" : "')");
    if (rc == PCRE2_ERROR_MATCHLIMIT || rc == PCRE2_ERROR_DEPTHLIMIT || rc == PCRE2_ERROR_HEAPLIMIT || rc == PCRE2_ERROR_JIT_STACKLIMIT)
      throw std::runtime_error("the regular expression tried too many ways on " + where +
                               ": repeats within repeats, such as (a+)+, do that; write a+, or make the inner one possessive: (a++)+");
    throw std::runtime_error("the regular expression failed on " + where + ": " + error_text(rc));
  }

  // A search over the block may stand for one over its records: no record holds a '\n'.
  static bool searchable(pipe_batch* batch, std::string_view& bytes) {
    return pipes::block(batch, bytes) && (!has_fields(batch) || is_json(batch));
  }

  bool matches_line(std::string_view block, const char* begin, const char* stop) {
    const int rc = match(record_code_, begin, static_cast<std::size_t>(stop - begin), 0);
    if (rc >= 0) return true;
    if (rc == PCRE2_ERROR_NOMATCH) return false;
    std::uint64_t row = 0;
    for (const char* p = block.data(); p < begin; p = line_end(p, begin) + 1) ++row;
    give_up(rc, {begin, static_cast<std::size_t>(stop - begin)}, row);
  }

  // Calls found(begin, end) for each record of the block that matches, in order.
  template <class F>
  void scan(std::string_view block, F&& found) {
    const char* at = block.data();
    const char* const end = at + block.size();
    if (plan_.not_empty) {
      for (const char* stop; at < end; at = stop + 1)
        if ((stop = line_end(at, end)) != at) found(at, stop);
      return;
    }
    if (fixed_ || by_needle_) {
      while (at < end) {
        const char* hit = needle_.find(at, end);
        if (!hit) return;
        const char* begin = line_begin(hit, at);
        const char* stop = line_end(hit, end);
        at = stop < end ? stop + 1 : end;
        if (fixed_) {
          if (static_cast<std::size_t>(stop - hit) >= needle_.text().size()) found(begin, stop);
          continue;
        }
        if (matches_line(block, begin, stop)) {
          found(begin, stop);
          ++needle_hits_;
        } else if (++needle_misses_ > probe_records && needle_misses_ > needle_hits_ && block_code_) {
          by_needle_ = false;  // the text is too common to help
          break;
        }
      }
    }
    if (block_code_) {
      while (at < end) {
        const int rc = match(block_code_, block.data(), block.size(), static_cast<std::size_t>(at - block.data()));
        if (rc == PCRE2_ERROR_NOMATCH) return;
        if (rc < 0) break;  // a limit was hit somewhere: go on record by record, which says where
        const char* hit = block.data() + pcre2_get_ovector_pointer(data_.get())[0];
        if (hit == end && end[-1] == '\n') return;  // behind the last record there is none
        const char* begin = line_begin(hit, at);
        const char* stop = line_end(hit, end);
        found(begin, stop);
        at = stop < end ? stop + 1 : end;
      }
    }
    while (at < end) {
      const char* stop = line_end(at, end);
      if (matches_line(block, at, stop)) found(at, stop);
      at = stop + 1;
    }
  }

  void cut(const char* from, const char* to, const char* end) {
    while (from < to) {
      const char* stop = line_end(from, to);
      slices_.push_back({from, static_cast<std::uint32_t>(stop - from), stop < end ? PIPE_SLICE_NEWLINE : 0u});
      from = stop + 1;
    }
  }

  void emit(pipe_batch* batch, output& out, std::uint32_t port) {
    if (slices_.empty()) return;
    auto* records = static_cast<pipe_slice*>(out.alloc(slices_.size() * sizeof(pipe_slice)));
    std::memcpy(records, slices_.data(), slices_.size() * sizeof(pipe_slice));
    pipe_part part{};
    part.struct_size = sizeof part;
    part.flags = PIPE_PART_OWN_BYTES;
    part.from = batch;
    part.records = records;
    part.count = slices_.size();
    out.emit(port, part);
  }

  // The way to search
  bool fixed_;
  bool by_needle_ = false;
  pattern_plan plan_;
  literal needle_;          // the fixed text, or the required one
  literal blank_{"\n\n"};  // where an empty record stands behind another one
  std::uint64_t needle_hits_ = 0, needle_misses_ = 0;
  program record_code_, block_code_;
  // Made by the first search (prepare)
  std::unique_ptr<pcre2_match_data, free_data> data_;
  std::unique_ptr<pcre2_match_context, free_context> context_;
  std::unique_ptr<pcre2_jit_stack, free_stack> stack_;
  // The groups
  std::uint32_t groups_ = 0;
  std::vector<std::string> names_;
  // Scratch of pass()
  std::vector<std::uint32_t> selected_;
  std::vector<pipe_slice> slices_;
};

}  // namespace
}  // namespace pipes::expr

std::unique_ptr<pipe_pattern> pipe_pattern::compile(std::string_view text, bool fixed, std::vector<pipes::remark>& remarks) {
  auto made = std::make_unique<pipes::expr::pattern>(text, fixed);
  if (!fixed && !made->compile(text, remarks)) return nullptr;
  return made;
}
