#include "pair.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "gloo/common/error.h"
#include "gloo/transport/tcp/unbound_buffer.h"

namespace aidc {

namespace tcp = gloo::transport::tcp;

namespace {

// UnboundBuffer::signalException is protected: reached through a class that derives from it.
class Signal final : public tcp::UnboundBuffer {
 public:
  static void send(const gloo::WeakNonOwningPtr<tcp::UnboundBuffer>& weak, const std::exception_ptr& why) {
    gloo::NonOwningPtr<tcp::UnboundBuffer> buffer(weak);
    if (buffer) ((*buffer.operator->()).*&Signal::signalException)(why);
  }
};

std::string textOf(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "";
  }
}

}  // namespace

Pair::Pair(tcp::Context* context, tcp::Device* device, int rank, std::chrono::milliseconds timeout,
           std::function<void(int)> closedByPeer)
    : tcp::Pair(context, device, rank, timeout), closedByPeer_(std::move(closedByPeer)) {}

void Pair::adopt(int fd) {
  connectCallback(std::make_shared<tcp::Socket>(fd), tcp::Error::kSuccess);
}

void Pair::release(const std::exception_ptr& why) {
  std::lock_guard<std::mutex> lock(m_);
  if (ex_ != nullptr || state_ == CLOSED) return;
  ex_ = why;
  signalAll(why);
  cv_.notify_all();
  // The peer sees the end at once, not when this side has left its loop.
  if (fd_ >= 0) ::shutdown(fd_, SHUT_RDWR);
}

void Pair::leave() {
  std::lock_guard<std::mutex> lock(m_);
  if (state_ != CLOSED) changeState(CLOSED);
}

void Pair::shutDownSending() {
  std::lock_guard<std::mutex> lock(m_);
  if (fd_ >= 0) ::shutdown(fd_, SHUT_WR);
}

bool Pair::closed() {
  std::lock_guard<std::mutex> lock(m_);
  return state_ == CLOSED;
}

// Called by the loop's thread. As Gloo's own, except that a pair released meanwhile is left alone and that errors stay here.
void Pair::handleEvents(int events) {
  std::unique_lock<std::mutex> lock(m_, std::try_to_lock);
  if (!lock || state_ != CONNECTED || ex_ != nullptr) return;
  if (events & EPOLLERR) {
    // Gloo puts only strerror's text into its message; this says for sure. Reading it clears it: what was received is
    // still read, then comes the end of the stream.
    socklen_t length = sizeof(socketError_);
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &socketError_, &length);
  }
  try {
    handleReadWrite(events);
  } catch (const std::exception& e) {
    if (ex_ == nullptr) signalException(std::string("unexpected message from the peer: ") + e.what());
  }
}

void Pair::changeState(state next) noexcept {
  if (next == CLOSED && state_ == CONNECTED && ex_ != nullptr) {
    signalAll(ex_);
    if (peerClosed()) closedByPeer_(rank_);
  }
  tcp::Pair::changeState(next);
}

void Pair::signalAll(const std::exception_ptr& why) {
  for (auto& slot : localPendingSend_)
    for (auto& op : slot.second) Signal::send(std::get<0>(op), why);
  for (auto& slot : localPendingRecv_)
    for (auto& op : slot.second) Signal::send(std::get<0>(op), why);
  for (auto& op : tx_) Signal::send(op.ubuf, why);
  Signal::send(rx_.ubuf, why);
}

bool Pair::peerClosed() const {
  if (socketError_ != 0) return socketError_ == ECONNRESET || socketError_ == EPIPE;
  const auto text = textOf(ex_);
  return text.find("Connection closed by peer") != std::string::npos || text.find(strerror(ECONNRESET)) != std::string::npos ||
      text.find(strerror(EPIPE)) != std::string::npos;
}

}  // namespace aidc
