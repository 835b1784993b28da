// plugins/lua/map.cpp: a Lua script for each record.
//
// The script gets the table r. Reading a field that is not in it asks __index, which looks the column up once a batch; what the script
// assigns stays in the table until the script has ended, is moved into columns then, and the table is empty again.
#include "lua/state.hpp"

#include <map>

#include "lib/descriptor.hpp"
namespace {
struct script_map : pipes::map_stage {
  std::string script;
  std::string file;
  std::string begin;
  pipes::map_of<std::string> globals;
  std::vector<pipes::field> reads;
  std::vector<std::string> makes;
  static auto spec() {
    return pipes::stage<script_map>("map", "Run a Lua script for each record.")
        .doc("In the script r.name is a field of the record, r[\"odd name\"] one with an odd name, and text the record's bytes. Assigning to r.name sets the field, `null` makes it null, a table becomes JSON. The script "
             "returns nothing: the record passes, with its changes; false: it is dropped; a text: that is the record now; a table of texts: a record for each. Numbers are Lua's, so whole ones beyond 2^53 "
             "come as text; null and missing fields are nil, JSON objects and arrays come as text. Each worker runs a Lua (LuaJIT) of its own, so a global variable belongs to one worker: a script that counts wants "
             "`workers: 1`. print() goes to the log. An error of the script is an error of the record.")
        .main_option("script", &script_map::script, "The script.")
        .option("file", &script_map::file, "A file that holds it, in place of `script`.")
        .option("begin", &script_map::begin, "A script that each worker runs once, before the first record: functions, tables.")
        .option("globals", &script_map::globals, "Global variables and their texts, which begin and script find; tonumber() makes numbers of them. A config's variable belongs here: in a script its value would be code.")
        .option("reads", &script_map::reads, "The fields that it reads, so that stages before it make no others for its sake.")
        .option("makes", &script_map::makes, "The fields that it sets; new ones come in this order, others behind them by name.")
        .example("json.parse | lua.map: 'r.total = r.price * r.qty'", R"({"price":3,"qty":4})", R"({"price":3,"qty":4,"total":12})")
        .example("lua.map: 'if #text < 3 then return false end return text:upper()'", "ab\nabc", "ABC");
  }
  void check(pipes::checker& c) {
    if (reads.empty()) c.reads_all();
    else c.reads(reads);
    if (makes.empty()) c.sets_any();
    for (const std::string& name : makes) {
      c.makes(name);
      if (!reads.empty()) c.reads(pipes::field(name));  // stays where the script does not set it
    }
    for (std::size_t i = 0; i < globals.size(); ++i)
      if (const std::string& name = globals[i].first; name == "r" || name == "text") c.fault_at_key("globals", i, "'" + name + "' is " + (name == "r" ? "the record" : "the record's bytes") + " in the script, which would not find a global of that name");
    if (!file.empty()) c.reads_file(file);
    if (script.empty() && file.empty()) return c.fault("script", "there is no script; give `script` or `file`");
    if (!script.empty() && !file.empty()) return c.fault("file", "`script` is given as well");
    try {
      lua::state trial;
      trial.compile(begin, "=begin");
      if (file.empty()) {
        trial.compile(wrapped(script), "=script");
      } else if (struct stat s; ::stat(file.c_str(), &s) != 0 || ::access(file.c_str(), R_OK) != 0) {
        c.fault("file", "cannot read '" + file + "': " + shared::errno_text(errno));
      }
    } catch (const lua::fault& e) {
      c.fault(std::string_view(e.what()).substr(0, 6) == "begin:" ? "begin" : "script", e.what());
    }
  }

  void open() {
    lua_.emplace();
    lua_State* const l = lua_->raw();
    lua_pushlightuserdata(l, this);
    lua_pushcclosure(l, &print, 1);
    lua_setglobal(l, "print");
    for (const auto& [name, value] : globals) {
      lua_->push(value);
      lua_setglobal(l, name.c_str());
    }
    lua_->compile(begin, "=begin");
    lua_->call(0, 0);
    std::string source = script;
    if (!file.empty()) blocking([&] { source = contents(file); });
    uses_text_ = source.find("text") != std::string::npos;
    const std::string name = file.empty() ? "=script" : "@" + file;
    lua_->compile(wrapped(source), name.c_str());  // 1
    lua_newtable(l);                               // 2: r
    lua_newtable(l);
    lua_pushlightuserdata(l, this);
    lua_pushcclosure(l, &index, 1);
    lua_setfield(l, -2, "__index");
    lua_setmetatable(l, 2);
  }
  void close() { lua_.reset(); }

  void map(pipes::batch& in, pipes::output& out) {
    const auto records = in.records();
    batch_ = &in;
    for (auto& [name, column] : columns_) column = nullptr;
    for (auto& [name, values] : assigned_) values.clear();
    outcomes_.clear();
    for (std::size_t i = 0; i < records.size(); ++i) {
      row_ = i;
      const std::size_t before = outcomes_.size();
      try {
        run(records[i], out);
      } catch (const lua::fault& e) {
        outcomes_.resize(before);
        for (auto& [name, values] : assigned_)
          while (!values.empty() && values.back().at >= before) values.pop_back();
        forget();
        out.fail(i, e.what());
      }
    }
    batch_ = nullptr;
    emit(in, out);
  }

 private:
  struct outcome {  // a record that comes out
    std::uint32_t row;
    bool own;   // with a text of its own
    bool sets;  // with fields that the script set
    std::string_view text;
  };
  struct assignment {
    std::size_t at;  // of an outcome
    lua::value to;
  };

  // The script's parameters stand on its first line, so that messages name the right one.
  static std::string wrapped(const std::string& source) { return "local r, text = ...; " + source; }
  static std::string contents(const std::string& file) {
    shared::descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    char buffer[16384];
    ssize_t got = -1;
    while (fd && (got = ::read(fd.get(), buffer, sizeof buffer)) > 0) text.append(buffer, static_cast<std::size_t>(got));
    if (got < 0) throw std::runtime_error("cannot read '" + file + "': " + shared::errno_text(errno));
    return text;
  }

  // -- called by Lua
  static int print(lua_State* l) {
    std::string line;
    const int n = lua_gettop(l);
    for (int i = 1; i <= n; ++i) {
      lua_getglobal(l, "tostring");
      lua_pushvalue(l, i);
      lua_call(l, 1, 1);
      std::size_t size = 0;
      const char* s = lua_tolstring(l, -1, &size);
      if (i > 1) line += '\t';
      if (s) line.append(s, size);
      lua_pop(l, 1);
    }
    static_cast<script_map*>(lua_touserdata(l, lua_upvalueindex(1)))->log(PIPE_LOG_INFO, line);
    return 0;
  }
  static int index(lua_State* l) {
    auto* self = static_cast<script_map*>(lua_touserdata(l, lua_upvalueindex(1)));
    std::size_t size = 0;
    const char* name = lua_type(l, 2) == LUA_TSTRING ? lua_tolstring(l, 2, &size) : nullptr;
    if (name && self->batch_) self->lua_->push(self->column({name, size}), self->row_);
    else lua_pushnil(l);
    return 1;
  }
  const pipe_column& column(std::string_view name) {
    auto at = columns_.find(name);
    if (at == columns_.end()) at = columns_.emplace(std::string(name), nullptr).first;
    if (!at->second) at->second = &(*batch_)[pipes::field(name)].raw();
    return *at->second;
  }

  void run(pipes::record r, pipes::output& out) {
    lua_State* const l = lua_->raw();
    lua_pushvalue(l, 1);
    lua_pushvalue(l, 2);
    if (uses_text_) lua_->push(r.view());
    else lua_pushnil(l);
    lua_->call(2, 1);
    const std::size_t first = outcomes_.size();
    const std::uint32_t row = r.row();
    switch (lua_type(l, -1)) {
      case LUA_TNIL: outcomes_.push_back({row, false, false, {}}); break;
      case LUA_TBOOLEAN:
        if (lua_toboolean(l, -1)) outcomes_.push_back({row, false, false, {}});
        break;
      case LUA_TNUMBER:
      case LUA_TSTRING: add_text(row, out); break;
      case LUA_TTABLE:
        for (int i = 1; lua_rawgeti(l, -1, i), !lua_isnil(l, -1); ++i) {
          const int type = lua_type(l, -1);
          if (type != LUA_TSTRING && type != LUA_TNUMBER) {
            const std::string what = luaL_typename(l, -1);
            lua_pop(l, 2);
            throw lua::fault("the script returned a table with a " + what + " in it; a record is a text");
          }
          add_text(row, out);
          lua_pop(l, 1);
        }
        lua_pop(l, 1);
        break;
      default: {
        const std::string what = luaL_typename(l, -1);
        lua_pop(l, 1);
        throw lua::fault("the script returned a " + what + "; a text is due, or false, or nothing");
      }
    }
    lua_pop(l, 1);
    take_assigned(first, out);
  }
  void add_text(std::uint32_t row, pipes::output& out) {
    std::size_t size = 0;
    const char* s = lua_tolstring(lua_->raw(), -1, &size);
    if (size > UINT32_MAX) throw lua::fault("a record of over 4 GiB");
    outcomes_.push_back({row, true, false, out.copy({s, size})});
  }
  // Moves what the script assigned out of r, for all records that came of this one.
  void take_assigned(std::size_t first, pipes::output& out) {
    lua_State* const l = lua_->raw();
    for (lua_pushnil(l); lua_next(l, 2);) {
      if (lua_type(l, -2) != LUA_TSTRING) {
        lua_pop(l, 2);
        throw lua::fault("a field's name is a text; the script set another key of r");
      }
      std::size_t size = 0;
      const char* name = lua_tolstring(l, -2, &size);
      lua::value v;
      try {
        v = lua_->get(-1, room_);
      } catch (const lua::fault& e) {
        const std::string why = "the field '" + std::string(name, size) + "': " + e.what();
        lua_settop(l, 2);
        throw lua::fault(why);
      }
      if (v.text.data()) v.text = out.copy(v.text);
      auto at = assigned_.find(std::string_view(name, size));
      if (at == assigned_.end()) at = assigned_.emplace(std::string(name, size), std::vector<assignment>()).first;
      for (std::size_t i = first; i < outcomes_.size(); ++i) {
        at->second.push_back({i, v});
        outcomes_[i].sets = true;
      }
      lua_pop(l, 1);
      lua_pushvalue(l, -1);
      lua_pushnil(l);
      lua_rawset(l, 2);
    }
  }
  // Empties r and the stack above it.
  void forget() {
    lua_State* const l = lua_->raw();
    lua_settop(l, 2);
    for (lua_pushnil(l); lua_next(l, 2);) {
      lua_pop(l, 1);
      lua_pushvalue(l, -1);
      lua_pushnil(l);
      lua_rawset(l, 2);
    }
  }

  // New fields in the order of `makes`, then by name: not by when a record set them first, which would depend on the batches.
  std::vector<const std::string*> names_in_order() const {
    std::vector<const std::string*> names;
    for (const std::string& name : makes)
      if (const auto at = assigned_.find(name); at != assigned_.end() && !at->second.empty()) names.push_back(&at->first);
    for (const auto& [name, values] : assigned_)
      if (!values.empty() && std::find(makes.begin(), makes.end(), name) == makes.end()) names.push_back(&name);
    return names;
  }
  void emit(pipes::batch& in, pipes::output& out) {
    if (outcomes_.empty()) return;
    const auto names = names_in_order();
    const std::size_t n = outcomes_.size();
    bool any_own = false, same_rows = n == in.size();
    rows_.clear();
    for (const outcome& o : outcomes_) {
      any_own = any_own || o.own;
      same_rows = same_rows && o.row == rows_.size();
      rows_.push_back(o.row);
    }
    if (!any_own && names.empty()) return same_rows ? out.pass(in) : out.pass(in, rows_);
    // Records with a text of their own are parts of their own; so are, among plain ones, those of which no field was set: they keep their bytes.
    const bool plain = in.plain();
    const auto alike = [&](const outcome& a, const outcome& b) { return a.own == b.own && (!plain || a.own || a.sets == b.sets); };
    for (std::size_t first = 0; first < n;) {
      std::size_t last = first + 1;
      while (last < n && alike(outcomes_[first], outcomes_[last])) ++last;
      if (plain && !outcomes_[first].own && !outcomes_[first].sets) out.pass(in, rows_.data() + first, last - first);
      else emit(in, names, first, last, out);
      first = last;
    }
  }
  void emit(pipes::batch& in, const std::vector<const std::string*>& names, std::size_t first, std::size_t last, pipes::output& out) {
    const bool own = outcomes_[first].own;
    std::vector<pipe_column> columns;
    std::vector<pipe_change> changes;
    columns.reserve(names.size());
    for (const std::string* name : names) {
      const pipes::field f{std::string_view(*name)};
      const pipes::column old = in[f];
      pipes::column_writer w(out, last - first);
      const std::vector<assignment>& values = assigned_.find(*name)->second;
      auto next = std::lower_bound(values.begin(), values.end(), first, [](const assignment& a, std::size_t at) { return a.at < at; });
      for (std::size_t i = first; i < last; ++i) {
        if (next != values.end() && next->at == i) put(w, i - first, (next++)->to);
        else w.value(i - first, old, outcomes_[i].row);
      }
      columns.push_back(w.done());
      changes.push_back({own ? PIPE_ATTACH : PIPE_SET, PIPE_CHANGE_OTHERS, f.handle(), nullptr, &columns.back()});
    }
    pipe_part part{};
    part.flags = PIPE_PART_VARIED;
    part.from = in.raw();
    part.rows = rows_.data() + first;
    part.count = last - first;
    part.changes = changes.data();
    part.change_count = changes.size();
    if (own) {
      pipe_slice* records = out.alloc_array<pipe_slice>(last - first);
      for (std::size_t i = first; i < last; ++i) records[i - first] = {outcomes_[i].text.data(), static_cast<std::uint32_t>(outcomes_[i].text.size()), 0};
      part.records = records;
      part.flags |= PIPE_PART_OWN_BYTES;
    }
    out.emit_part(part);
  }
  static void put(pipes::column_writer& w, std::size_t i, const lua::value& v) {
    double d;
    std::memcpy(&d, &v.bits, sizeof d);
    switch (v.tag) {
      case PIPE_BOOL: return w.boolean(i, v.bits != 0);
      case PIPE_INT: return w.integer(i, static_cast<std::int64_t>(v.bits));
      case PIPE_FLOAT: return w.real(i, d);
      case PIPE_STRING:
      case PIPE_JSON: return w.text(i, v.text, v.tag);
      default: return w.null(i);
    }
  }

  std::optional<lua::state> lua_;  // its stack: the script, r
  bool uses_text_ = false;
  pipes::batch* batch_ = nullptr;  // at hand, and its record
  std::size_t row_ = 0;
  std::map<std::string, const pipe_column*, std::less<>> columns_;  // of the batch at hand; nullptr: not asked for yet
  std::map<std::string, std::vector<assignment>, std::less<>> assigned_;
  std::vector<outcome> outcomes_;
  std::vector<std::uint32_t> rows_;  // scratch
  std::string room_;
};
PIPE_STAGE(script_map)
}
