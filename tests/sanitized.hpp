// Whether a sanitizer looks on: then everything takes some ten times as long, and what only counts is done less often.
#pragma once
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
// Of these the one that has little to say about what a single thread does.
#if defined(__SANITIZE_THREAD__)
constexpr bool thread_sanitized = true;
#else
constexpr bool thread_sanitized = false;
#endif
