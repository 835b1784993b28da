// packed.hpp: rows that are held or moved about, each in one piece: where its fields lie, and its bytes.
//
// Records, and a column for every field, are arrays of slices of 16 bytes each. Rows that are taken from all over such a batch touch a
// cache line for every slice, and a record of 30 bytes with four fields takes up 110. Packed it takes up 50, side by side, and goes
// from batch to batch, to disk and back by one copy. Records and columns are made of it when somebody asks for them.
//
// A row is its record's size, for each field where it lies and its size (16 bits each), then the record, a line end ('\0': it has
// none), and the texts that lie outside of the record. Places count from the record's first byte.
//   R1  packed batches have records of their own that are not JSON, and fields, all of them texts that may count as numbers (PIPE_WORD).
// Thread safety: as batch.hpp.
#pragma once
#include "core/batch/batch.hpp"

#include <cstring>

namespace pipes::detail {

struct column_node;

struct packed_rows {
  std::vector<const pipe_field*> fields;
  bool complete = true;                   // every row has all of them
  const char* bytes = nullptr;            // these two lie in the batch's memory
  const std::uint32_t* begins = nullptr;  // of the rows; one more says where the last one ends

  struct place {
    std::uint16_t at, size;
    bool missing() const { return at == 0xffff; }
  };
  struct record {
    const char* data;
    std::uint16_t size;
    bool ended() const { return data[size] == '\n'; }
  };
  std::size_t head() const { return head(fields.size()); }
  static std::size_t head(std::size_t fields) { return sizeof(std::uint16_t) + fields * sizeof(place); }
  const char* row(std::uint64_t i) const { return bytes + begins[i]; }
  record of_row(std::uint64_t i) const {
    const char* const p = row(i);
    record r{p + head(), 0};
    std::memcpy(&r.size, p, sizeof r.size);
    return r;
  }
  place of_field(std::uint64_t i, std::size_t field) const {
    place s;
    std::memcpy(&s, row(i) + head(field), sizeof s);
    return s;
  }
};

// Row rows[i] of parts[of[i]] for each i, packed; null where that cannot be (R1, or a row has 64 KiB). `used`: which parts there are rows of.
std::unique_ptr<pipe_batch> pack(pipe_batch* const* parts, const std::vector<bool>& used, const std::uint32_t* of, const std::uint32_t* rows, std::uint64_t n);

void unpack_records(const pipe_batch& b, pipe_slice* to);
// Into `to`, which has no column yet; false: no row has the field.
bool unpack_column(pipe_batch& b, const pipe_field* f, column_node& to);

// What is read of rows that lie anywhere in memory, some rows before its turn, so that they are waited for together.
constexpr std::uint64_t rows_ahead = 24;
inline void fetch([[maybe_unused]] const void* p) {
#if defined(__GNUC__)
  __builtin_prefetch(p);
#endif
}

}  // namespace pipes::detail
