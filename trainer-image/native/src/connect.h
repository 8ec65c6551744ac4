#pragma once

#include <chrono>
#include <vector>

#include "handshake.h"

namespace aidc {

// Connects this rank with all others: it calls those below it and waits for those above. `addresses` is in rank order.
// Returns one connected, non-blocking socket per rank (none for itself). `abortFd` becomes readable when it shall give up.
// Throws Failure.
std::vector<Fd> connectAll(Listener& listener, const std::vector<Address>& addresses, std::chrono::milliseconds timeout, int abortFd);

}  // namespace aidc
