// plugins/lua/state.hpp: a Lua state with one compiled script, and the values that go in and out of it.
//
// One state per worker, used by one fiber at a time. Nothing here parks while Lua is on the stack: a Lua error unwinds frames of this thread.
// No C++ exception crosses a Lua frame.
#pragma once
#include <pipe/plugin.hpp>

#include <cmath>
#include <lua.hpp>

#include "lib/json_text.hpp"
#include "lib/keys.hpp"

namespace lua {

struct fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A value that a script assigned. Its text is Lua's until it is copied.
struct value {
  std::uint8_t tag = PIPE_MISSING;
  std::uint64_t bits = 0;
  std::string_view text{};
};

class state {
 public:
  state() : l_(luaL_newstate()) {
    if (!l_) throw std::bad_alloc();
    luaL_openlibs(l_);
    lua_pushlightuserdata(l_, nullptr);
    lua_setglobal(l_, "null");
    lua_getglobal(l_, "os");
    lua_pushnil(l_);
    lua_setfield(l_, -2, "exit");  // would end the whole run without writing what is under way
    lua_pop(l_, 1);
  }
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state() { lua_close(l_); }
  lua_State* raw() const { return l_; }

  // Leaves the compiled chunk on the stack.
  void compile(const std::string& source, const char* name) {
    if (luaL_loadbuffer(l_, source.data(), source.size(), name) != 0) throw fault(take_error());
  }
  void call(int arguments, int results) {
    if (lua_pcall(l_, arguments, results, 0) != 0) throw fault(take_error());
  }
  std::string take_error() {
    std::size_t size = 0;
    const char* s = lua_tolstring(l_, -1, &size);
    std::string text = s ? std::string(s, size) : "an error that is no text";
    lua_pop(l_, 1);
    return text;
  }

  void push(std::string_view s) { lua_pushlstring(l_, s.data(), s.size()); }
  // Whole numbers beyond 2^53 come as text: Lua's numbers would lose digits.
  void push(const pipe_column& c, std::size_t i) {
    switch (c.tags[i]) {
      case PIPE_BOOL: return lua_pushboolean(l_, c.values[i] != 0);
      case PIPE_INT: return push_whole(static_cast<std::int64_t>(c.values[i]));
      case PIPE_FLOAT: return lua_pushnumber(l_, pipes::column(c).real(i));
      case PIPE_STRING:
      case PIPE_JSON: return push({c.slices[i].data, c.slices[i].size});
      case PIPE_WORD: {
        const std::string_view text(c.slices[i].data, c.slices[i].size);
        const shared::number n = shared::read_number(text);
        if (n.what == shared::number::whole) return push_whole(n.i);
        if (n) return lua_pushnumber(l_, n.d);
        return push(text);
      }
      default: return lua_pushnil(l_);
    }
  }
  // What stands at `index`; text and JSON are put into `room` where Lua has none.
  value get(int index, std::string& room) {
    value v;
    switch (lua_type(l_, index)) {
      case LUA_TBOOLEAN:
        v.tag = PIPE_BOOL;
        v.bits = lua_toboolean(l_, index) ? 1 : 0;
        return v;
      case LUA_TNUMBER: {
        const double d = lua_tonumber(l_, index);
        if (!std::isfinite(d)) {
          v.tag = PIPE_NULL;
        } else if (std::fabs(d) < exact && d == std::trunc(d) && !(d == 0 && std::signbit(d))) {
          v.tag = PIPE_INT;
          v.bits = static_cast<std::uint64_t>(static_cast<std::int64_t>(d));
        } else {
          v.tag = PIPE_FLOAT;
          std::memcpy(&v.bits, &d, sizeof d);
        }
        return v;
      }
      case LUA_TSTRING: {
        std::size_t size = 0;
        const char* s = lua_tolstring(l_, index, &size);
        v.tag = PIPE_STRING;
        v.text = {s, size};
        return v;
      }
      case LUA_TTABLE:
        room.clear();
        write(index, room, 0);
        v.tag = PIPE_JSON;
        v.text = room;
        return v;
      case LUA_TLIGHTUSERDATA:
        if (!lua_touserdata(l_, index)) {
          v.tag = PIPE_NULL;
          return v;
        }
        [[fallthrough]];
      default: throw fault(std::string("a ") + luaL_typename(l_, index) + " can be no value of a field");
    }
  }

 private:
  static constexpr double exact = 9007199254740992.0;
  static constexpr int deepest = 100;

  void push_whole(std::int64_t v) {
    if (v > -9007199254740992 && v < 9007199254740992) return lua_pushnumber(l_, static_cast<double>(v));
    char room[shared::number_room];
    push({room, shared::print_number(room, v)});
  }
  void write_text(std::string_view s, std::string& to) {
    const std::size_t used = to.size();
    to.resize(used + 6 * s.size() + 2);
    to.resize(static_cast<std::size_t>(shared::json::write_string(s, to.data() + used) - to.data()));
  }
  // A table as JSON: one with the keys 1 to n alone is an array (an empty one too), any other an object, its keys in the order of their bytes.
  void write(int index, std::string& to, int depth) {
    if (depth == deepest || !lua_checkstack(l_, 8)) throw fault("a table is nested more than 100 levels deep");
    switch (lua_type(l_, index)) {
      case LUA_TTABLE: break;
      case LUA_TSTRING: {
        std::size_t size = 0;
        const char* s = lua_tolstring(l_, index, &size);
        return write_text({s, size}, to);
      }
      default: {
        std::string unused;
        const value v = get(index, unused);
        char room[shared::number_room];
        double d;
        std::memcpy(&d, &v.bits, sizeof d);
        if (v.tag == PIPE_NULL) to += "null";
        else if (v.tag == PIPE_BOOL) to += v.bits ? "true" : "false";
        else to.append(room, v.tag == PIPE_INT ? shared::print_number(room, static_cast<std::int64_t>(v.bits)) : shared::print_number(room, d));
        return;
      }
    }
    const int table = index < 0 ? lua_gettop(l_) + index + 1 : index;
    const std::size_t n = lua_objlen(l_, table);
    std::vector<std::string> keys;
    std::size_t all = 0;
    for (lua_pushnil(l_); lua_next(l_, table); lua_pop(l_, 1), ++all) {
      if (lua_type(l_, -2) != LUA_TSTRING) continue;
      std::size_t size = 0;
      const char* s = lua_tolstring(l_, -2, &size);
      keys.emplace_back(s, size);
    }
    if (all == n && keys.empty()) {
      to += '[';
      for (std::size_t i = 1; i <= n; ++i) {
        if (i > 1) to += ',';
        lua_rawgeti(l_, table, static_cast<int>(i));
        write(-1, to, depth + 1);
        lua_pop(l_, 1);
      }
      to += ']';
      return;
    }
    if (keys.size() != all) throw fault("a table whose keys are neither 1 to n nor all text can be no JSON");
    std::sort(keys.begin(), keys.end());
    to += '{';
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (i) to += ',';
      write_text(keys[i], to);
      to += ':';
      push(keys[i]);
      lua_rawget(l_, table);
      write(-1, to, depth + 1);
      lua_pop(l_, 1);
    }
    to += '}';
  }

  lua_State* l_;
};

}  // namespace lua
