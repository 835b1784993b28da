// Whether a sanitizer looks on: then everything takes some ten times as long, and what only counts is done less often.
#pragma once
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
