// A rank in a process of its own, for tests that stop it, kill it or cut its network:
//   collectives_peer <ip> <rank> <size> <elements> <sum, or broadcast from rank 0>
// Prints its address in hex, reads those of all ranks from standard input, a line each, then does the same collective over
// and over. Ends with the code of the error, which it prints with the ranks that closed their connection.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "aidc_collectives.h"

namespace {

int fail(const aidc_error& error) {
  printf("error %d:", error.code);
  for (int i = 0; i < error.closed_count; i++) printf(" %d", error.closed_ranks[i]);
  printf(": %s\n", error.text);
  return error.code;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 64;
  const int rank = atoi(argv[2]), size = atoi(argv[3]), elements = atoi(argv[4]);
  const bool broadcast = strcmp(argv[5], "broadcast") == 0;
  setvbuf(stdout, nullptr, _IOLBF, 0);
  aidc_error error{};
  aidc_group* group = nullptr;
  if (aidc_group_prepare(argv[1], rank, size, 300000, &group, &error) != AIDC_OK) return fail(error);

  uint8_t own[AIDC_ADDRESS];
  const int length = aidc_group_address(group, own);
  for (int i = 0; i < length; i++) printf("%02x", own[i]);
  printf("\n");

  std::vector<uint8_t> all(static_cast<size_t>(size) * AIDC_ADDRESS);
  for (int peer = 0; peer < size; peer++) {
    std::string line;
    if (!std::getline(std::cin, line) || line.size() != static_cast<size_t>(length) * 2) return 65;
    for (int i = 0; i < length; i++)
      all[static_cast<size_t>(peer * AIDC_ADDRESS + i)] = static_cast<uint8_t>(std::stoi(line.substr(static_cast<size_t>(i) * 2, 2), nullptr, 16));
  }
  if (aidc_group_connect(group, all.data(), 30000, &error) != AIDC_OK) return fail(error);
  printf("connected\n");

  std::vector<float> data(static_cast<size_t>(elements));
  const auto bytes = static_cast<int64_t>(data.size() * sizeof(float));
  while (error.code == AIDC_OK) {
    if (broadcast)
      aidc_group_broadcast(group, data.data(), bytes, 0, &error);
    else
      aidc_group_all_reduce_sum(group, data.data(), elements, AIDC_FLOAT32, &error);
  }
  aidc_group_destroy(group);
  return fail(error);
}
