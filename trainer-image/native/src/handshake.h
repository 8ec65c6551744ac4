// How the ranks of a group find and recognise each other, before Gloo has the connections.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace aidc {

// A failure with its code (aidc_code) and the ranks whose side closed a connection.
class Failure final : public std::runtime_error {
 public:
  Failure(int code, const std::string& text, std::vector<int> closedRanks = {})
      : std::runtime_error(text), code(code), closedRanks(std::move(closedRanks)) {}

  const int code;
  const std::vector<int> closedRanks;
};

class Fd final {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Drawn at random for each rank of each group: whoever knows it was given this group's addresses, so a stranger, or a rank of
// a generation gone by that meets a port used again, is turned away.
using Nonce = std::array<uint8_t, 16>;

struct Address {
  sockaddr_storage socket;
  Nonce nonce;
  int rank;
  int size;

  static constexpr size_t kBytes = 48;
  std::vector<uint8_t> bytes() const;
  static Address parse(const uint8_t* bytes);
};

// The socket of this rank that its peers connect to.
class Listener final {
 public:
  // ip: a numeric address, of IPv4 or IPv6.
  Listener(const std::string& ip, int rank, int size);

  const Address& address() const { return address_; }
  int fd() const { return fd_.get(); }
  void close() { fd_ = Fd(); }

 private:
  Fd fd_;
  Address address_;
};

// A numeric address as the system wants it. Throws Failure for anything else.
sockaddr_storage parseIp(const std::string& ip);
socklen_t lengthOf(const sockaddr_storage& address);

}  // namespace aidc
