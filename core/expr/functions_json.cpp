// functions_json.cpp: functions on JSON values.
#include "core/expr/functions.hpp"

#include <cctype>

namespace pipes::expr {
namespace {

constexpr std::size_t deepest_json = 500;

// Whether a text is exactly one JSON value. It keeps a list of open brackets and does not recurse: no nesting is too deep for the fiber's stack.
class checker {
 public:
  explicit checker(std::string_view s) : p_(s.data()), end_(p_ + s.size()) {}

  bool run() {
    std::string open;  // the brackets that are open
    for (;;) {
      blanks();
      if (p_ == end_) return false;
      if (*p_ == '{' || *p_ == '[') {
        const bool object = *p_ == '{';
        if (open.size() >= deepest_json) return false;
        open += *p_++;
        blanks();
        if (p_ != end_ && *p_ == (object ? '}' : ']')) {
          ++p_;
          open.pop_back();
        } else if (object) {
          if (!key()) return false;
          continue;
        } else {
          continue;
        }
      } else if (!scalar()) {
        return false;
      }
      // Behind a value.
      for (;;) {
        blanks();
        if (open.empty()) return p_ == end_;
        if (p_ == end_) return false;
        if (*p_ == ',') {
          ++p_;
          blanks();
          if (open.back() == '{' && !key()) return false;
          break;
        }
        if (*p_ != (open.back() == '{' ? '}' : ']')) return false;
        ++p_;
        open.pop_back();
      }
    }
  }

 private:
  void blanks() { while (p_ != end_ && (*p_ == ' ' || *p_ == '\t' || *p_ == '\n' || *p_ == '\r')) ++p_; }
  bool key() {
    if (!string()) return false;
    blanks();
    if (p_ == end_ || *p_ != ':') return false;
    ++p_;
    return true;
  }
  bool string() {
    if (p_ == end_ || *p_ != '"') return false;
    for (++p_; p_ != end_; ++p_) {
      if (*p_ == '"') {
        ++p_;
        return true;
      }
      if (static_cast<unsigned char>(*p_) < 0x20) return false;
      if (*p_ == '\\' && !escape()) return false;
    }
    return false;
  }
  // At a backslash; goes on to the last byte of the escape.
  bool escape() {
    if (++p_ == end_) return false;
    if (*p_ != 'u') return std::string_view("\"\\/bfnrt").find(*p_) != std::string_view::npos;
    for (int i = 0; i < 4; ++i)
      if (++p_ == end_ || !std::isxdigit(static_cast<unsigned char>(*p_))) return false;
    return true;
  }
  bool scalar() {
    if (*p_ == '"') return string();
    const char* const start = p_;
    while (p_ != end_ && *p_ != ',' && *p_ != ']' && *p_ != '}' && *p_ != ' ' && *p_ != '\t' && *p_ != '\n' && *p_ != '\r') ++p_;
    const std::string_view word(start, static_cast<std::size_t>(p_ - start));
    return word == "null" || word == "true" || word == "false" || json::is_number(word);
  }
  const char* p_;
  const char* end_;
};

value parse(call& c, const value* a, std::size_t) {
  std::string_view s = a[0].text;
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t' || s.front() == '\n' || s.front() == '\r')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\n' || s.back() == '\r')) s.remove_suffix(1);
  if (!checker(s).run()) return c.null();
  return json::read(s, c.memory);
}

value serialise(call& c, const value* a, std::size_t) {
  memory::text_buffer out;
  const pipe_slice slice{a[0].text.data(), static_cast<std::uint32_t>(a[0].text.size()), 0};
  json::append_value(out, a[0].tag, a[0].bits, &slice);
  return text_value(c.keep({out.data(), out.size()}));
}

value keys(call& c, const value* a, std::size_t) {
  memory::text_buffer out;
  out.push('[');
  json::members all(a[0].text);
  for (json::member m; all.next(m);) {
    if (out.size() > 1) out.push(',');
    out.push('"');
    out.append(m.key);
    out.push('"');
  }
  out.push(']');
  return json_value(c.keep({out.data(), out.size()}));
}

value values(call& c, const value* a, std::size_t) {
  memory::text_buffer out;
  out.push('[');
  json::members all(a[0].text);
  for (json::member m; all.next(m);) {
    if (out.size() > 1) out.push(',');
    out.append(m.value);
  }
  out.push(']');
  return json_value(c.keep({out.data(), out.size()}));
}

value get(call& c, const value* a, std::size_t) {
  if (is_text(a[1]) && (a[1].tag != PIPE_WORD || (!a[0].text.empty() && a[0].text.front() == '{')))
    return walk(a[0], {{true, std::string(a[1].text), 0}}, c.memory);
  const value index = to_number(a[1]);
  if (index.tag != PIPE_INT) return c.null();
  return walk(a[0], {{false, {}, static_cast<std::int64_t>(index.bits)}}, c.memory);
}

value has(call& c, const value* a, std::size_t) {
  return bool_value(!a[0].text.empty() && a[0].text.front() == '{' && json::find(a[0].text, to_text(a[1], c.memory)).data());
}

}  // namespace

void add_json_functions(std::vector<function>& all) {
  const auto add = [&](const char* name, const char* parameters, const char* spec, std::uint32_t result, function_body body, const char* doc,
                       const char* example, const char* shows) { all.push_back({name, "JSON", parameters, spec, result, -1, true, doc, example, shows, body}); };
  add("parse_json", "text", "t", type_any, parse, "The value that a JSON text stands for; null if it is none.", "parse_json(\"[1, 2]\")[1]", "2");
  add("to_json", "value", "a", type_string, serialise, "The value as a JSON text.", "to_json(\"a\")", "\"a\"");
  add("keys", "object", "l", type_json, keys, "An object's keys as a list.", "keys(parse_json('{\"a\":1,\"b\":2}'))", "[\"a\",\"b\"]");
  add("values", "object", "l", type_json, values, "An object's values as a list.", "values(parse_json('{\"a\":1,\"b\":2}'))", "[1,2]");
  add("get", "value, key", "la", type_any, get, "The member of that name, or the element at that index (from the end if negative).", "get([5, 6, 7], -1)", "7");
  add("has", "object, key", "lt", type_bool, has, "Whether an object has a member of that name.", "has(parse_json('{\"a\":null}'), \"a\")", "true");
}

}  // namespace pipes::expr
