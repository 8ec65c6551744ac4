// One connection of a group, as Gloo's event loop sees it.
#pragma once

#include <exception>
#include <functional>

#include "gloo/transport/tcp/context.h"
#include "gloo/transport/tcp/pair.h"

namespace aidc {

// What Gloo's own pair lacks for our purpose:
// - it is given a connected socket, so that connecting can time out and be aborted, and strangers are turned away;
// - when it closes, operations in the middle of a transfer learn of it too (Gloo tells only those still queued, so that a
//   collective whose peer dies half-way through a large message would wait for its time-out);
// - it can be released by any thread at once, whatever its peer does;
// - it remembers whether its peer closed the connection;
// - nothing it does throws through the event loop's thread, which would end the process.
class Pair final : public gloo::transport::tcp::Pair {
 public:
  Pair(gloo::transport::tcp::Context* context, gloo::transport::tcp::Device* device, int rank,
       std::chrono::milliseconds timeout, std::function<void(int)> closedByPeer);

  // Takes over a connected socket.
  void adopt(int fd);

  // Wakes whoever waits for this pair. Quick: takes the pair's lock, waits for nothing.
  void release(const std::exception_ptr& why);

  // Leaves the event loop and closes the socket; up to one tick of the loop (10 ms). Idempotent.
  void leave();

  // Says that nothing more will be sent. What was sent still arrives.
  void shutDownSending();

  bool closed();

  void handleEvents(int events) override;

 protected:
  void changeState(state next) noexcept override;

 private:
  void signalAll(const std::exception_ptr& why);
  bool peerClosed() const;

  const std::function<void(int)> closedByPeer_;
  int socketError_ = 0;
};

}  // namespace aidc
