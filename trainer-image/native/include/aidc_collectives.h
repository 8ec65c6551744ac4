/* Collectives of one group of ranks, over Gloo and TCP. A C interface: no exception leaves it, errors are codes and text. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define AIDC_API __attribute__((visibility("default")))

enum aidc_code {
  AIDC_OK = 0,
  AIDC_FAILED = 1,  /* closed_ranks names peers whose connection was closed by their side, in the order seen; may be empty */
  AIDC_TIMEOUT = 2, /* names nobody: who waits in a ring says nothing about who is at fault */
  AIDC_ABORTED = 3, /* aidc_group_abort was called */
  AIDC_INVALID = 4, /* the call was wrong */
};

enum aidc_type { AIDC_FLOAT32 = 0, AIDC_FLOAT64 = 1, AIDC_BFLOAT16 = 2, AIDC_INT64 = 3 };

enum { AIDC_TEXT = 512, AIDC_CLOSED_RANKS = 64, AIDC_ADDRESS = 64 };

struct aidc_error {
  int32_t code;
  int32_t closed_count;
  int32_t closed_ranks[AIDC_CLOSED_RANKS];
  char text[AIDC_TEXT]; /* UTF-8, ends with 0 */
};

struct aidc_group;

/* Listens on a numeric IP address, at a port of the system's choice. collective_timeout_ms > 0. Each function returns error->code. */
AIDC_API int32_t aidc_group_prepare(
    const char* address, int32_t rank, int32_t size, int64_t collective_timeout_ms, struct aidc_group** group, struct aidc_error* error);

/* Where peers reach this rank: opaque bytes. Returns their number, at most AIDC_ADDRESS. */
AIDC_API int32_t aidc_group_address(const struct aidc_group* group, uint8_t* bytes);

/* addresses: those of all ranks in rank order, AIDC_ADDRESS bytes apart. Once per group. */
AIDC_API int32_t aidc_group_connect(
    struct aidc_group* group, const uint8_t* addresses, int64_t timeout_ms, struct aidc_error* error);

/* Collectives: by one thread at a time, in the same order on every rank. After a failure the group is of no further use. */
AIDC_API int32_t aidc_group_all_reduce_sum(
    struct aidc_group* group, void* data, int64_t elements, int32_t type, struct aidc_error* error);
AIDC_API int32_t aidc_group_broadcast(struct aidc_group* group, void* data, int64_t bytes, int32_t root, struct aidc_error* error);
/* output: size times `bytes`, in rank order. */
AIDC_API int32_t aidc_group_all_gather(
    struct aidc_group* group, void* output, const void* input, int64_t bytes, struct aidc_error* error);
AIDC_API int32_t aidc_group_barrier(struct aidc_group* group, struct aidc_error* error);

/* From any thread, any number of times, while the group lives: what is in progress and what comes later ends with AIDC_ABORTED. */
AIDC_API void aidc_group_abort(struct aidc_group* group);

/* No other call may be in progress. A healthy group takes leave of its peers first, which may take up to a second. */
AIDC_API void aidc_group_destroy(struct aidc_group* group);

#ifdef __cplusplus
}
#endif
