// expression.cpp: a compiled expression run over batches, a chunk of rows at a time.
#include "core/expr/parser.hpp"

#include <algorithm>

namespace pipes::expr {
namespace {

class expression final : public pipe_expr {
 public:
  explicit expression(parsed p) : root_(std::move(p.root)), reads_(std::move(p.reads)) {}

  const std::vector<const pipe_field*>& reads() const override { return reads_; }
  std::uint64_t misses() const override { return misses_; }
  std::uint32_t types() const override { return root_->types; }

  void rows(pipe_batch* batch, std::uint32_t* rows, std::uint64_t& count) override {
    std::uint64_t k = 0;
    each_chunk(batch, [&](frame& f) {
      const std::uint8_t* yes = root_->truth(f, nullptr);
      for (std::size_t i = 0; i < f.n; ++i) {
        rows[k] = static_cast<std::uint32_t>(f.first + i);
        k += yes[i];
      }
    });
    count = k;
  }

  void column(pipe_batch* batch, output& out, pipe_column& result) override {
    if (root_->what == node::form::field && static_cast<field_node&>(*root_).plain()) {
      result = pipes::column(batch, static_cast<field_node&>(*root_).field());
      return;
    }
    const std::uint64_t n = pipes::count(batch);
    auto* tags = static_cast<std::uint8_t*>(out.alloc(std::max<std::uint64_t>(n, 1)));
    std::uint64_t* values = nullptr;
    pipe_slice* slices = nullptr;
    std::uint32_t seen = 0;  // set of tags
    each_chunk(batch, [&](frame& f) {
      const vec& v = root_->eval(f, nullptr);
      if (!v.one && !v.bools && !v.slices && (v.all == PIPE_INT || v.all == PIPE_FLOAT)) {  // computed numbers: nothing to look at
        if (!values) values = zeroed<std::uint64_t>(out, n);
        std::memset(tags + f.first, static_cast<int>(v.all), f.n);
        std::memcpy(values + f.first, v.values, f.n * sizeof *values);
        seen |= 1u << v.all;
        return;
      }
      std::uint32_t here = 0;
      for (std::size_t i = 0; i < f.n; ++i) {
        const std::uint32_t tag = v.at(i).tag;
        tags[f.first + i] = static_cast<std::uint8_t>(tag);
        here |= 1u << tag;
      }
      seen |= here;
      if (here & (type_bool | type_number)) {
        if (!values) values = zeroed<std::uint64_t>(out, n);
        for (std::size_t i = 0; i < f.n; ++i) values[f.first + i] = v.at(i).bits;
      }
      if (here & (type_number | type_string | type_word | type_json)) put_texts(f, v, out, slices, n);
    });
    const bool one = seen && (seen & (seen - 1)) == 0;
    result = {sizeof(pipe_column), n == 0 ? PIPE_MISSING : one ? static_cast<std::uint32_t>(__builtin_ctz(seen)) : PIPE_MIXED, n, tags, values, slices};
  }

 private:
  template <class T>
  static T* zeroed(output& out, std::uint64_t n) {
    auto* p = static_cast<T*>(out.alloc(n * sizeof(T)));
    std::memset(static_cast<void*>(p), 0, n * sizeof(T));
    return p;
  }

  // Texts that do not lie in the batch are copied: the frame's memory and the constants do not outlive this call.
  void put_texts(const frame& f, const vec& v, output& out, pipe_slice*& slices, std::uint64_t n) {
    std::size_t size = 0;
    bool any = false;
    for (std::size_t i = 0; i < f.n; ++i) {
      const value x = v.at(i);
      any |= x.text.data() != nullptr;
      size += x.text.size();
    }
    if (!any) return;
    if (!slices) slices = zeroed<pipe_slice>(out, n);
    char* to = root_->borrows ? nullptr : static_cast<char*>(out.alloc(std::max<std::size_t>(size, 1)));
    for (std::size_t i = 0; i < f.n; ++i) {
      const std::string_view text = v.at(i).text;
      if (!text.data()) continue;
      slices[f.first + i] = {to ? to : text.data(), static_cast<std::uint32_t>(text.size()), 0};
      if (!to) continue;
      std::memcpy(to, text.data(), text.size());
      to += text.size();
    }
  }

  template <class F>
  void each_chunk(pipe_batch* batch, F&& work) {
    const std::uint64_t n = pipes::count(batch);
    for (std::uint64_t first = 0; first < n; first += chunk_rows) {
      memory_.rewind();
      frame f{batch, first, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_rows, n - first)), memory_, ++serial_};
      work(f);
      misses_ += f.misses;
    }
  }

  node_ptr root_;
  std::vector<const pipe_field*> reads_;
  memory::arena memory_;
  std::uint64_t serial_ = 0;
  std::uint64_t misses_ = 0;
};

}  // namespace
}  // namespace pipes::expr

std::unique_ptr<pipe_expr> pipe_expr::compile(std::string_view text, std::vector<pipes::remark>& remarks, bool condition) {
  using namespace pipes::expr;
  parsed p = parse(text, condition ? purpose::condition : purpose::any, remarks);
  if (!p.root) return nullptr;
  return std::make_unique<expression>(std::move(p));
}
