// packed.hpp: rows that are held or moved about, each in one piece: where its fields lie, and its bytes.
//
// Else records, and a column for every field, are arrays of slices of 16 bytes each. A row taken from such a batch touches a cache line for
// every slice, and a record of 30 bytes with four fields takes up 110. Packed it takes up 50, in one place, and goes from batch to batch,
// to disk and back by one copy. Records and columns are made of it when somebody asks for them.
//
// A row is: its record's size; for each field the place of its text and the text's size (16 bits each); the record; a line end ('\0': it has
// none); the texts that lie outside of the record. Places count from the record's first byte. Which fields have places is the row's
// *form*: rows of different batches mostly have different fields, and a row shall not take up room for those of others.
//   R1  Packed batches have records of their own that are not JSON, and fields that are all texts which may count as numbers (PIPE_WORD).
//   R2  A row goes from batch to batch as it is. There its form may have another number, and its fields, too; but not another order.
// Thread safety: as batch.hpp.
#pragma once
#include "core/batch/batch.hpp"

#include <algorithm>
#include <cstring>

namespace pipes::detail {

struct column_node;

struct packed_rows {
  // The numbers of the fields for which a row has places, in the order of the places.
  class form {
   public:
    explicit form(std::vector<std::uint32_t> numbers) : has(std::move(numbers)), ascending_(std::is_sorted(has.begin(), has.end())) {}
    static constexpr std::size_t none = ~std::size_t{0};
    std::size_t place_of(std::uint32_t number) const {
      const auto at = ascending_ ? std::lower_bound(has.begin(), has.end(), number) : std::find(has.begin(), has.end(), number);
      return at != has.end() && *at == number ? static_cast<std::size_t>(at - has.begin()) : none;
    }
    std::size_t head() const { return sizeof(std::uint16_t) + has.size() * sizeof(place); }
    std::vector<std::uint32_t> has;

   private:
    bool ascending_;
  };
  std::vector<const pipe_field*> fields;
  std::vector<form> forms;
  // In the batch's memory:
  const std::uint32_t* of = nullptr;      // which form each row has; null: there is one
  const char* bytes = nullptr;            // of all rows
  const std::uint32_t* begins = nullptr;  // where each row begins; one more says where the last one ends

  struct place {
    std::uint16_t at, size;
    bool missing() const { return at == 0xffff; }
  };
  struct record {
    const char* data;
    std::uint16_t size;
    bool ended() const { return data[size] == '\n'; }
  };
  std::size_t number_of_form(std::uint64_t i) const { return of ? of[i] : 0; }
  const form& form_of(std::uint64_t i) const { return forms[number_of_form(i)]; }
  const char* row(std::uint64_t i) const { return bytes + begins[i]; }
  record of_row(std::uint64_t i) const {
    const char* const p = row(i);
    record r{p + form_of(i).head(), 0};
    std::memcpy(&r.size, p, sizeof r.size);
    return r;
  }
  place at_place(std::uint64_t i, std::size_t number) const {
    place s;
    std::memcpy(&s, row(i) + sizeof(std::uint16_t) + number * sizeof s, sizeof s);
    return s;
  }
};

// Row rows[i] of parts[of[i]] for each i, packed; null where that cannot be (R1, or a row of 64 KiB). `used`: the parts that rows come from.
std::unique_ptr<pipe_batch> pack(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n);

void unpack_records(const pipe_batch& b, pipe_slice* to);
// Into `to`, which has no column yet; false: no row has the field.
bool unpack_column(pipe_batch& b, const pipe_field* f, column_node& to);

// For loops over rows that lie anywhere in memory: each row is fetched so many rows before its turn, so that several are waited for at once.
constexpr std::uint64_t rows_ahead = 24;
inline void fetch([[maybe_unused]] const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

}  // namespace pipes::detail
