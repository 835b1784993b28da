// plugins/flow/route.cpp: send each record to the first port whose expression is true.
#include <pipe/plugin.hpp>
namespace {
struct route : pipes::map_stage {
  pipes::map_of<pipes::expression> ports;
  static auto spec() {
    return pipes::stage<route>("route", "Send each record to the first port whose expression is true.")
        .doc("The ports are tried in the order written; a record for which none is true goes to the port `else`. Later stages read a port with `from: ROUTE.PORT`. "
             "Every port must be read, be it by io.discard.")
        .rest_option("ports", &route::ports, "The ports: {PORT: EXPRESSION, ...}.").required().condition()
        .example("stages:\n  - json.parse\n  - route: {slow: ms > 500, failed: status >= 500}\n"
                 "  - io.write: fine.ndjson\n    from: route.else\n"
                 "  - text.format: 'failed: {path}'\n    from: route.failed\n    id: failed\n"
                 "  - io.write: failed.txt\n"
                 "  - text.format: 'slow: {path} {ms} ms'\n    from: route.slow",
                 "{\"path\":\"/a\",\"ms\":12,\"status\":200}\n{\"path\":\"/b\",\"ms\":731,\"status\":200}\n{\"path\":\"/c\",\"ms\":3,\"status\":503}",
                 "slow: /b 731 ms")
        .dynamic_ports();
  }
  void check(pipes::checker& c) {
    c.ignores_bytes();
    if (ports.empty()) c.fault("ports", "names no port; write {PORT: EXPRESSION}");
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::string& name = ports[i].first;
      if (name == "else")
        c.fault_at_key("ports", i, "the port 'else' is there without being named: it gets what no other port takes");
      else if (name.find('.') != std::string::npos)
        c.fault_at_key("ports", i, "the port '" + name + "' cannot be read: 'from: STAGE.PORT' is cut at the last dot, so a port's name has none");
      else
        c.port(name);
    }
    c.port("else");
  }
  void map(pipes::batch& in, pipes::output& out) {
    const std::size_t n = in.size();
    taken_.assign(n, 0);
    std::size_t left = n;
    for (std::uint32_t port = 0; port < ports.size() && left; ++port) {
      ports[port].second.rows(in, rows_);
      std::size_t kept = 0;
      for (std::uint32_t row : rows_)
        if (!taken_[row]) {
          taken_[row] = 1;
          rows_[kept++] = row;
        }
      rows_.resize(kept);
      send(in, n, port, out);
      left -= kept;
    }
    if (!left) return;
    rows_.clear();
    for (std::uint32_t row = 0; row < n; ++row)
      if (!taken_[row]) rows_.push_back(row);
    send(in, n, static_cast<std::uint32_t>(ports.size()), out);
  }

 private:
  void send(pipes::batch& in, std::size_t n, std::uint32_t port, pipes::output& out) {
    if (rows_.size() == n)
      out.pass(in, port);
    else
      out.pass(in, rows_, port);
  }
  std::vector<std::uint32_t> rows_;  // scratch
  std::vector<std::uint8_t> taken_;
};
PIPE_STAGE(route)
}
