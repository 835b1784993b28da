// parser.cpp: recursive descent, one function for each level of binding: or, and, not, comparison, ??, + -, * / // %, unary -, value. The greater
// part of it is messages: a fault is told with its place and with what would be right.
// Depth is bounded twice: the nesting of the text, since the parser recurses, and the height of the tree, since eval() does.
#include "core/expr/parser.hpp"

#include "core/expr/functions.hpp"
#include "core/expr/lexer.hpp"
#include "core/expr/typing.hpp"

#include <algorithm>
#include <map>

namespace pipes::expr {
namespace {

constexpr std::size_t longest_source = 64 * 1024;
constexpr std::uint32_t deepest_nesting = 40;  // workers compile on fibers, and each takes some 3 KiB of stack
constexpr std::uint32_t tallest_tree = 250;

// A piece of the expression, and what later messages need to know of its text.
struct term {
  node_ptr node;
  std::uint32_t offset = 0;         // where it stands in the source
  std::uint32_t stop = 0;
  std::uint32_t left_stop = 0;      // a comparison: where its left side ends,
  std::uint32_t right_offset = 0;   // and its right side starts
  const token* literal = nullptr;   // it is this text literal
  bool bare = false;                // it is a plain field name
  bool sum = false;                 // without parentheses: + or - is at its top
  bool joins = false;               // without parentheses: it joins texts
};

class parser {
 public:
  parser(std::string_view source, std::vector<remark>& remarks) : source_(source), remarks_(remarks) {}

  parsed run(purpose use) {
    parsed result;
    try {
      if (source_.size() > longest_source) throw syntax_fault{0, 1, "the expression is longer than 64 KiB"};
      tokens_ = tokens_of(source_);
      if (now().what == token::kind::end) throw syntax_fault{0, 1, "the expression is empty"};
      term t = use == purpose::field ? field_alone() : disjunction();
      if (now().what != token::kind::end) leftover(t);
      if (use == purpose::condition && !(t.node->types & type_bool))
        throw syntax_fault{t.offset, t.stop - t.offset, "a condition is due here, and this is " + describe(t.node->types) + condition_hint(t)};
      result.root = t.node;
      result.reads = reads_;
    } catch (const syntax_fault& f) {
      remarks_.push_back({std::min(f.offset, source_.size()), std::max<std::size_t>(f.length, 1), f.message});
    }
    return result;
  }

 private:
  const token& now() const { return tokens_[at_]; }
  const token& ahead(std::size_t n = 1) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  const token& take() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool accept(std::string_view sign) { return now().is(sign) && (take(), true); }
  std::string text_of(const term& t) const { return std::string(source_.substr(t.offset, t.stop - t.offset)); }
  std::size_t last_stop() const { return at_ ? tokens_[at_ - 1].stop() : 0; }

  [[noreturn]] void fail(const token& t, std::string message) const { throw syntax_fault{t.offset, t.length, std::move(message)}; }
  [[noreturn]] void fail(const term& t, std::string message) const { throw syntax_fault{t.offset, t.stop - t.offset, std::move(message)}; }
  void warn(std::size_t offset, std::size_t stop, std::string message) { remarks_.push_back({offset, stop - offset, std::move(message), true}); }

  struct deeper {
    explicit deeper(parser& p) : p_(p) {
      if (++p_.nesting_ > deepest_nesting) p_.fail(p_.now(), "the expression is nested more than " + std::to_string(deepest_nesting) + " deep");
    }
    ~deeper() { --p_.nesting_; }
    parser& p_;
  };

  // A new piece made of a node: bounds its height. constant: all that it was made of is constant, so it is evaluated now.
  term made(node_ptr node, std::size_t offset, std::size_t stop, bool constant = false) const {
    if (node->depth > tallest_tree) throw syntax_fault{offset, stop - offset, "the expression is too long a chain: split it over two stages, or use a list with `in`"};
    term t;
    t.node = constant ? fold(std::move(node)) : std::move(node);
    t.offset = static_cast<std::uint32_t>(offset);
    t.stop = static_cast<std::uint32_t>(stop);
    return t;
  }

  static node_ptr fold(node_ptr node) {
    memory::arena room;
    frame f{nullptr, 0, 1, room, 1};
    try {
      return std::make_shared<constant_node>(node->eval(f, nullptr).at(0));
    } catch (const std::runtime_error&) {
      return node;  // it fails when it runs
    }
  }

  static bool constants(const std::vector<node_ptr>& nodes) {
    return std::all_of(nodes.begin(), nodes.end(), [](const node_ptr& n) { return as_constant(n) != nullptr; });
  }

  // -- or, and, not

  term disjunction() {
    deeper d(*this);
    return logic("or", "||", [this] { return conjunction(); });
  }
  term conjunction() { return logic("and", "&&", [this] { return negation(); }); }

  template <class F>
  term logic(std::string_view word, std::string_view sign, F next) {
    term first = next();
    if (!now().word(word) && !now().is(sign)) return first;
    std::vector<term> terms;
    terms.push_back(std::move(first));
    while (now().word(word) || now().is(sign)) {
      take();
      terms.push_back(next());
    }
    std::vector<node_ptr> nodes;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      if (!(terms[i].node->types & type_bool)) not_a_condition(word, terms, i);
      nodes.push_back(terms[i].node);
    }
    const bool all = constants(nodes);
    return made(make_logic(word == "and", nodes), terms.front().offset, terms.back().stop, all);
  }

  [[noreturn]] void not_a_condition(std::string_view word, const std::vector<term>& terms, std::size_t i) const {
    std::string message = "'" + std::string(word) + "' joins conditions, and " + text_of(terms[i]) + " is " + describe(terms[i].node->types);
    if (word == "or" && i > 0 && terms[i - 1].bare) message += ": where a value may be missing, write " + text_of(terms[i - 1]) + " ?? " + text_of(terms[i]);
    for (std::size_t k = i; k-- > 0;) {
      const term& t = terms[k];
      if (t.left_stop == 0) continue;
      const std::string left(source_.substr(t.offset, t.left_stop - t.offset)), right(source_.substr(t.right_offset, t.stop - t.right_offset));
      std::string sign(source_.substr(t.left_stop, t.right_offset - t.left_stop));
      sign.erase(0, sign.find_first_not_of(" \t\r\n"));
      sign.erase(sign.find_last_not_of(" \t\r\n") + 1);
      const std::string start = left + " " + sign + " ";
      message += ": write " + start + right + " " + std::string(word) + " " + start + text_of(terms[i]);
      if (sign == "==" && word == "or") message += ", or " + left + " in [" + right + ", " + text_of(terms[i]) + "]";
      break;
    }
    fail(terms[i], message);
  }

  term negation() {
    if (!now().word("not") && !now().is("!")) return comparison();
    deeper d(*this);
    const token& sign = take();
    term t = negation();
    if (!(t.node->types & type_bool)) fail(t, "'not' takes a condition, and this is " + describe(t.node->types) + condition_hint(t));
    return made(make_not(t.node), sign.offset, t.stop, as_constant(t.node) != nullptr);
  }

  static std::string condition_hint(const term& t) {
    return t.node->types & (type_number | type_word | type_string) ? ": compare it with something, as in x > 0" : "";
  }

  // -- comparisons

  static unsigned accepts(const token& t) {
    if (t.is("==")) return accept_equal;
    if (t.is("!=")) return accept_less | accept_greater | accept_unordered;
    if (t.is("<")) return accept_less;
    if (t.is("<=")) return accept_less | accept_equal;
    if (t.is(">")) return accept_greater;
    if (t.is(">=")) return accept_greater | accept_equal;
    return 0;
  }
  bool compares() const { return accepts(now()) || now().is("~") || now().is("!~") || now().word("in") || (now().word("not") && ahead().word("in")); }

  term comparison() {
    term left = coalescing();
    if (!compares()) return left;
    const token& sign = take();
    const bool not_in = sign.word("not");
    if (not_in) take();
    term right = coalescing();
    term t = compared(left, sign, not_in, right);
    t.left_stop = left.stop;
    t.right_offset = right.offset;
    if (compares()) chained(t, right);
    return t;
  }

  [[noreturn]] void chained(const term& t, const term& right) {
    const token& again = take();
    std::string more = "…";
    if (again.word("not")) take();
    try { more = text_of(coalescing()); } catch (const syntax_fault&) {}
    fail(again, "comparisons do not chain: write " + text_of(t) + " and " + text_of(right) + " " + again.text + " " + more);
  }

  term compared(const term& left, const token& sign, bool not_in, const term& right) {
    const bool constant = as_constant(left.node) && as_constant(right.node);
    if (sign.is("~") || sign.is("!~")) {
      auto pattern = pattern_of(right, "what stands right of " + sign.text);
      return made(make_match(left.node, std::move(pattern), sign.is("!~")), left.offset, right.stop, constant);
    }
    if (sign.word("in") || not_in) {
      if (!(right.node->types & type_json))
        fail(right, "'in' looks into a list, as in x in [1, 2], and this is " + describe(right.node->types) +
                        (right.node->types & type_string ? "; for a text within a text write contains(…)" : ""));
      if (const auto* items = list_items(*right.node)) {
        const bool some = items->empty() || std::any_of(items->begin(), items->end(), [&](const node_ptr& n) { return can_be_equal(left.node->types, n->types); });
        if (!some) fail(right, "no element of this list can be equal to " + text_of(left) + ", which is " + describe(left.node->types));
      }
      return made(make_in(left.node, right.node, not_in), left.offset, right.stop);
    }
    const unsigned accept = accepts(sign);
    const bool ordering = !sign.is("==") && !sign.is("!=");
    const std::uint32_t l = left.node->types, r = right.node->types;
    if (ordering && (l == type_null || r == type_null)) fail(l == type_null ? left : right, "nothing is less or greater than null: compare with == null or != null");
    if (ordering ? !can_be_ordered(l, r) : !can_be_equal(l, r)) {
      std::string message = "'" + sign.text + "' compares " + describe(l) + " with " + describe(r) + ", which " +
                            (ordering ? "have no order" : sign.is("==") ? "are never equal" : "always differ");
      if ((l & type_number && r == type_string) || (r & type_number && l == type_string)) message += ": make a number of the text with number(…), or leave out the quotes";
      throw syntax_fault{left.offset, right.stop - left.offset, message};
    }
    return made(make_comparison(accept, left.node, right.node), left.offset, right.stop, constant);
  }

  std::shared_ptr<pipe_pattern> pattern_of(const term& t, const std::string& what) {
    const constant_node* c = as_constant(t.node);
    if (!c || !is_text(c->get())) fail(t, what + " must be a constant text: a regular expression in quotes");
    const std::string text(c->get().text);
    std::vector<remark> found;
    auto pattern = pipe_pattern::compile(text, false, found);
    for (const remark& r : found) {
      const std::size_t offset = t.literal ? source_offset(source_, *t.literal, r.offset) : t.offset;
      if (!r.warning) throw syntax_fault{offset, r.length, r.message};
      warn(offset, offset + r.length, r.message);
    }
    return pattern;
  }

  void check_constant(const function& f, const term& t) const {
    const constant_node* c = as_constant(t.node);
    if (const std::string why = c && is_text(c->get()) ? f.wrong(c->get().text) : std::string(); !why.empty()) fail(t, why);
  }

  // -- ??, arithmetic

  term coalescing() {
    term left = sum();
    while (now().is("??")) {
      take();
      term right = sum();
      if (right.sum || left.sum) warn_loose(left, right);
      const bool constant = as_constant(left.node) && as_constant(right.node);
      left = made(make_coalesce(left.node, right.node), left.offset, right.stop, constant);
    }
    return left;
  }

  void warn_loose(const term& left, const term& right) {
    const term& loose = right.sum ? right : left;
    const std::string l = text_of(left), r = text_of(right);
    warn(loose.offset, loose.stop, "'?" "?' binds looser than + and -: this reads as " + (left.sum ? "(" + l + ")" : l) + " ?? " + (right.sum ? "(" + r + ")" : r) +
                                       "; say with parentheses what is meant");
  }

  term sum() {
    term left = product();
    while (now().is("+") || now().is("-")) {
      const token& sign = take();
      term right = product();
      if (sign.is("-") && left.bare && right.bare && sign.tight && left.stop == sign.offset && right.offset == sign.stop()) warn_minus(left, right);
      const bool join = sign.is("+") && (known_text(left.node->types) || known_text(right.node->types));
      left = join ? joined(left, right) : computed(sign.text, sign.text[0], left, right);
      left.sum = true;
    }
    return left;
  }

  void warn_minus(const term& left, const term& right) {
    warn(left.offset, right.stop, "this subtracts " + text_of(right) + " from " + text_of(left) + ": for a field of that name write `" + text_of(left) + "-" + text_of(right) +
                                      "` in backticks, for the difference put blanks around the minus");
  }

  // A chain of joins is one node.
  term joined(const term& left, const term& right) {
    std::vector<node_ptr> parts = left.joins ? join_parts(*left.node) : std::vector<node_ptr>{left.node};
    parts.push_back(right.node);
    const bool constant = constants(parts);
    term t = made(make_join(std::move(parts)), left.offset, right.stop, constant);
    t.joins = !constant;
    return t;
  }

  term product() {
    term left = unary();
    while (now().is("*") || now().is("/") || now().is("//") || now().is("%")) {
      const token& sign = take();
      left = computed(sign.text, sign.is("//") ? 'd' : sign.text[0], left, unary());
    }
    return left;
  }

  term computed(const std::string& sign, char op, const term& left, const term& right) const {
    for (const term* t : {&left, &right})
      if (!can_be_number(t->node->types)) {
        std::string message = "'" + sign + "' takes numbers, and this is " + describe(t->node->types);
        if (t->node->types & type_string) message += ": number(…) reads a number out of a text";
        fail(*t, message);
      }
    const bool constant = as_constant(left.node) && as_constant(right.node);
    return made(make_arithmetic(op, left.node, right.node), left.offset, right.stop, constant);
  }

  term unary() {
    if (!now().is("-")) return postfix();
    deeper d(*this);
    const token& sign = take();
    if (now().what == token::kind::number && now().text == "9223372036854775808") {
      take();
      return made(std::make_shared<constant_node>(int_value(INT64_MIN)), sign.offset, last_stop());
    }
    const term t = unary();
    if (!can_be_number(t.node->types)) fail(t, "'-' takes a number, and this is " + describe(t.node->types));
    return made(make_negation(t.node), sign.offset, t.stop, as_constant(t.node) != nullptr);
  }

  // -- values

  term postfix() {
    const std::size_t offset = now().offset;
    const token& t = now();
    const bool call = ahead().is("(") && t.what == token::kind::name;
    if ((t.what == token::kind::name && !reserved(t.text) && (!call || t.text == "field")) || t.what == token::kind::quoted_name) return field();
    term base = value_alone();
    std::vector<step> steps = path();
    if (steps.empty()) return base;
    if (!(base.node->types & type_json)) fail(base, "an index takes a list or object, and this is " + describe(base.node->types));
    return made(make_path(base.node, std::move(steps)), offset, last_stop(), as_constant(base.node) != nullptr);
  }

  static std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return text;
  }
  static bool reserved(const std::string& name) {
    for (const char* word : {"and", "or", "not", "in", "true", "false", "null"})
      if (name == word) return true;
    return false;
  }

  term field_alone() {
    if (now().what != token::kind::name && now().what != token::kind::quoted_name) fail(now(), "a field's name is due here");
    if (reserved(now().text) && now().what == token::kind::name) fail(now(), "'" + now().text + "' is a word of the language: a field of that name is written in backticks: `" + now().text + "`");
    return field();
  }

  term field() {
    const token& t = take();
    std::string name = t.text;
    bool bare = t.what == token::kind::name;
    if (t.word("field") && now().is("(")) {
      take();
      if (now().what != token::kind::text || now().text.empty()) fail(now(), "field(…) takes the field's name in quotes");
      name = take().text;
      if (!accept(")")) fail(now(), "a ) is missing behind field(\"" + name + "\"");
      bare = false;
    }
    std::vector<step> steps = path();
    std::string key = name;
    for (const step& s : steps) key += s.by_key ? std::string("\0k", 2) + s.key : std::string("\0i", 2) + std::to_string(s.index);
    auto& known = fields_[key];
    if (!known) {
      const pipe_field* id = pipes::field(name);
      if (std::find(reads_.begin(), reads_.end(), id) == reads_.end()) reads_.push_back(id);
      known = std::make_shared<field_node>(id, steps);
    }
    term made_of = made(known, t.offset, last_stop());
    made_of.bare = bare && steps.empty();
    const std::string word = lower(name);
    if (made_of.bare && (word == "true" || word == "false" || word == "null" || word == "none" || word == "nil" || word == "undefined"))
      warn(t.offset, t.stop(), "this is a field called " + name + ": the constant is " + (word == "true" || word == "false" ? word : "null") + ", and for the field write `" + name + "`");
    return made_of;
  }

  // .name, [0], [-1], ["name"]
  std::vector<step> path() {
    std::vector<step> steps;
    for (;;) {
      if (now().is(".") && (ahead().what == token::kind::name || ahead().what == token::kind::quoted_name)) {
        take();
        const token& t = take();
        std::string_view name = t.text;
        while (t.what == token::kind::name && name.find('.') != std::string_view::npos) {
          steps.push_back({true, std::string(name.substr(0, name.find('.'))), 0});
          name.remove_prefix(name.find('.') + 1);
        }
        steps.push_back({true, std::string(name), 0});
      } else if (now().is("[")) {
        const token& open = take();
        const bool negative = accept("-");
        const token& t = take();
        value n;
        if (t.what == token::kind::text && !negative) steps.push_back({true, t.text, 0});
        else if (t.what == token::kind::number && json::number(t.text, n) && n.tag == PIPE_INT)
          steps.push_back({false, {}, static_cast<std::int64_t>(negative ? std::uint64_t{0} - n.bits : n.bits)});
        else fail(t.what == token::kind::end ? open : t, "an index is a whole number or a name in quotes: for a computed one write get(list, index)");
        if (!accept("]")) fail(now(), "a ] is missing behind the index");
      } else {
        return steps;
      }
    }
  }

  term value_alone() {
    const token& t = now();
    switch (t.what) {
      case token::kind::number: {
        take();
        value v;
        json::number(t.text, v);
        v.text = {};
        return made(std::make_shared<constant_node>(v.tag == PIPE_FLOAT ? float_value(as_double(v.bits)) : v), t.offset, t.stop());
      }
      case token::kind::text: {
        take();
        term made_of = made(std::make_shared<constant_node>(text_value(t.text)), t.offset, t.stop());
        made_of.literal = &t;
        return made_of;
      }
      case token::kind::name: return named();
      case token::kind::sign: return signed_value();
      default: fail(t, at_ ? "something is missing behind '" + tokens_[at_ - 1].text + "'" : "the expression is empty");
    }
  }

  term named() {
    const token& t = now();
    if (t.text == "true" || t.text == "false") return take(), made(std::make_shared<constant_node>(bool_value(t.text == "true")), t.offset, t.stop());
    if (t.text == "null") return take(), made(std::make_shared<constant_node>(null_value()), t.offset, t.stop());
    if (t.text == "not") fail(t, "put 'not …' in parentheses here: it binds looser than what stands before it");
    if (ahead().is("(") && !reserved(t.text)) return called();
    fail(t, "a value is missing before '" + t.text + "'");
  }

  term signed_value() {
    const token& t = now();
    if (t.is("(")) {
      take();
      term inner = disjunction();
      if (!accept(")")) unclosed(t, inner, ")");
      return whole(std::move(inner.node), t.offset);
    }
    if (t.is("[")) return list();
    if (t.is("+")) fail(t, "there is no sign + before a value: leave it out");
    if (t.is("!")) fail(t, "put '!…' in parentheses here: it binds looser than what stands before it");
    if (t.is(")")) fail(t, at_ && tokens_[at_ - 1].is("(") ? "something is missing between ( and )" : "this ) has no partner, or a value is missing before it");
    if (t.is("*") && at_ && tokens_[at_ - 1].is("*")) fail(t, "write a power as pow(x, y)");
    if (t.is("/")) fail(t, "a value is missing before '/': a regular expression stands in quotes, behind ~");
    if (t.is(".") && ahead().tight && ahead().what == token::kind::number) fail(t, "a number has a digit before the point: write 0." + ahead().text);
    if (t.is(".") && ahead().tight && ahead().what == token::kind::name) fail(t, "a field's name has no point before it: write " + ahead().text);
    if (t.is("{")) fail(t, "there are no {…} in an expression: a list is [1, 2], a field's name needs no braces");
    fail(t, "a value is missing before '" + t.text + "'" + sign_hint(t));
  }

  // A value in parentheses: what is remembered of the text inside no longer matters.
  term whole(node_ptr node, std::size_t offset) const {
    term t;
    t.node = std::move(node);
    t.offset = static_cast<std::uint32_t>(offset);
    t.stop = static_cast<std::uint32_t>(last_stop());
    return t;
  }

  [[noreturn]] void unclosed(const token& open, const term& inner, const char* close) const {
    if (now().what == token::kind::end) fail(open, std::string("a ") + close + " is missing: this '" + open.text + "' is never closed");
    leftover(inner);
  }

  term list() {
    const token& open = take();
    std::vector<node_ptr> items;
    if (!now().is("]")) {
      do {
        if (now().is("]")) break;
        term item = disjunction();
        items.push_back(item.node);
        if (now().what == token::kind::end) unclosed(open, item, "]");
        if (!now().is(",") && !now().is("]")) leftover(item);
      } while (accept(","));
    }
    if (!accept("]")) fail(open, "a ] is missing: this '[' is never closed");
    return made(make_list(std::move(items)), open.offset, last_stop());
  }

  // -- functions

  term called() {
    const token& name = take();
    const token& open = take();
    std::vector<term> arguments;
    if (!now().is(")")) {
      do {
        arguments.push_back(disjunction());
        if (now().what == token::kind::end) unclosed(open, arguments.back(), ")");
        if (!now().is(",") && !now().is(")")) leftover(arguments.back());
      } while (accept(","));
    }
    if (!accept(")")) fail(open, "a ) is missing: this '(' is never closed");
    if (name.text == "if") return choice(name, arguments);
    const function* f = find_function(name.text);
    if (!f) fail(name, unknown_function(name.text));
    if (arguments.size() < least_arguments(*f) || arguments.size() > most_arguments(*f))
      throw syntax_fault{name.offset, last_stop() - name.offset, "this call has " + std::to_string(arguments.size()) + (arguments.size() == 1 ? " argument" : " arguments") + ": write " + signature(*f)};
    std::vector<node_ptr> nodes;
    std::shared_ptr<pipe_pattern> pattern;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      const std::uint32_t types = arguments[i].node->types;
      const char kind = argument_kind(*f, i);
      if (((kind == 'n' || kind == 'i') && !can_be_number(types)) || (kind == 'l' && !(types & type_json)))
        fail(arguments[i], signature(*f) + " takes " + (kind == 'l' ? "a list or object" : "a number") + " here, and this is " + describe(types));
      if (static_cast<int>(i) == f->pattern) pattern = pattern_of(arguments[i], "the pattern of " + signature(*f));
      if (f->wrong && i + 1 == most_arguments(*f)) check_constant(*f, arguments[i]);
      nodes.push_back(arguments[i].node);
    }
    const bool constant = f->pure && constants(nodes);
    return made(make_call(*f, std::move(nodes), std::move(pattern)), name.offset, last_stop(), constant);
  }

  term choice(const token& name, const std::vector<term>& a) const {
    if (a.size() != 3) throw syntax_fault{name.offset, last_stop() - name.offset, "if takes three values: if(condition, then, else)"};
    if (!(a[0].node->types & type_bool)) fail(a[0], "if takes a condition first, and this is " + describe(a[0].node->types) + condition_hint(a[0]));
    const bool constant = as_constant(a[0].node) && as_constant(a[1].node) && as_constant(a[2].node);
    return made(make_if(a[0].node, a[1].node, a[2].node), name.offset, last_stop(), constant);
  }

  // -- what stands where nothing should

  [[noreturn]] void leftover(const term& before) const {
    const token& t = now();
    const std::string left = text_of(before);
    const auto next = [&] { return ahead().what == token::kind::end || ahead().what == token::kind::sign ? std::string("…") : std::string(source_.substr(ahead().offset, ahead().length)); };
    if (before.bare && lower(left) == "not") fail(before, "'" + left + "' is written in lower case: not");
    if (t.is("=") || t.is("===")) fail(t, "'" + t.text + "' is no comparison: write ==");
    if (t.is("=~") || t.is("~=")) fail(t, "a regular expression is matched with ~: write " + left + " ~ " + next());
    if (t.is("!==") || t.is("<>")) fail(t, "'" + t.text + "' is no comparison: write !=");
    if (t.is("?") || t.is("?:")) fail(t, "there is no ? : here: write if(" + left + ", …, …)");
    if (t.is(":")) fail(t, "':' means nothing here: a choice is if(condition, then, else)");
    if (t.is("&")) fail(t, "'&' means nothing here: write 'and'");
    if (t.is("|")) fail(t, "'|' means nothing here: write 'or'; a pipe to another stage stands outside the expression");
    if (t.is("^")) fail(t, "'^' means nothing here: write pow(x, y) for a power");
    if (t.is("**")) fail(t, "write a power as pow(x, y)");
    if (t.is(")") || t.is("]")) fail(t, "this '" + t.text + "' has no partner");
    if (t.is(",")) fail(t, "',' means nothing here: a list is written [1, 2]");
    if (t.what == token::kind::name) {
      const std::string word = lower(t.text);
      if (word == "is") fail(t, lower(ahead().text) == "not" ? "write " + left + " != null for 'is not null'" : "write " + left + " == " + (reserved(lower(next())) ? lower(next()) : next()) + ": there is no 'is'");
      if (word == "like" || word == "matches") fail(t, "write " + left + " ~ 'regular expression', or contains(" + left + ", \"text\")");
      if (word == "contains" || word == "startswith" || word == "starts_with" || word == "ends_with")
        fail(t, "it is a function: write " + (word == "startswith" ? "starts_with" : word) + "(" + left + ", " + next() + ")");
      if (word == "between") fail(t, "write " + left + " >= … and " + left + " <= …");
      static constexpr std::pair<std::string_view, std::string_view> signs[] = {{"≥", ">="}, {"≤", "<="}, {"≠", "!="}};
      for (const auto& [sign, written] : signs)
        if (word == sign) fail(t, "'" + word + "' is written " + std::string(written));
      if (word != t.text && reserved(word)) fail(t, "'" + t.text + "' is written in lower case: " + word);
    }
    if (t.what != token::kind::sign)
      fail(t, "an operator is missing between " + left + " and " + std::string(source_.substr(t.offset, t.length)));
    fail(t, "'" + t.text + "' means nothing here" + sign_hint(t));
  }

  static std::string sign_hint(const token& t) {
    if (t.is(";")) return ": one expression stands alone";
    if (t.is("=")) return ": a comparison is ==";
    return "";
  }

  std::string_view source_;
  std::vector<remark>& remarks_;
  std::vector<token> tokens_;
  std::size_t at_ = 0;
  std::uint32_t nesting_ = 0;
  std::map<std::string, node_ptr> fields_;
  std::vector<const pipe_field*> reads_;
};

}  // namespace

parsed parse(std::string_view text, purpose use, std::vector<remark>& remarks) { return parser(text, remarks).run(use); }

}  // namespace pipes::expr
