#include "handshake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "aidc_collectives.h"

namespace aidc {

namespace {

constexpr uint8_t kMagic[4] = {'A', 'I', 'D', 'C'};
constexpr uint8_t kVersion = 1;

Nonce draw() {
  Nonce nonce;
  if (getrandom(nonce.data(), nonce.size(), 0) != static_cast<ssize_t>(nonce.size()))
    throw Failure(AIDC_FAILED, std::string("getrandom: ") + strerror(errno));
  return nonce;
}

uint16_t& portOf(sockaddr_storage& address) {
  return address.ss_family == AF_INET ? reinterpret_cast<sockaddr_in&>(address).sin_port
                                      : reinterpret_cast<sockaddr_in6&>(address).sin6_port;
}

void* hostOf(sockaddr_storage& address) {
  return address.ss_family == AF_INET ? static_cast<void*>(&reinterpret_cast<sockaddr_in&>(address).sin_addr)
                                      : static_cast<void*>(&reinterpret_cast<sockaddr_in6&>(address).sin6_addr);
}

size_t hostBytes(const sockaddr_storage& address) { return address.ss_family == AF_INET ? 4 : 16; }

void putInt(uint8_t* to, int value) {
  const uint32_t wire = htonl(static_cast<uint32_t>(value));
  memcpy(to, &wire, sizeof(wire));
}

int getInt(const uint8_t* from) {
  uint32_t wire;
  memcpy(&wire, from, sizeof(wire));
  return static_cast<int>(ntohl(wire));
}

}  // namespace

sockaddr_storage parseIp(const std::string& ip) {
  sockaddr_storage address{};
  for (const int family : {AF_INET, AF_INET6}) {
    address.ss_family = static_cast<sa_family_t>(family);
    if (inet_pton(family, ip.c_str(), hostOf(address)) == 1) return address;
  }
  throw Failure(AIDC_INVALID, "'" + ip + "' is no numeric IP address");
}

socklen_t lengthOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

// magic 4, version 1, family 1, port 2, host 16, nonce 16, rank 4, size 4; integers in network order.
std::vector<uint8_t> Address::bytes() const {
  std::vector<uint8_t> bytes(kBytes, 0);
  auto copy = socket;
  memcpy(&bytes[0], kMagic, 4);
  bytes[4] = kVersion;
  bytes[5] = socket.ss_family == AF_INET ? 4 : 6;
  memcpy(&bytes[6], &portOf(copy), 2);
  memcpy(&bytes[8], hostOf(copy), hostBytes(copy));
  memcpy(&bytes[24], nonce.data(), nonce.size());
  putInt(&bytes[40], rank);
  putInt(&bytes[44], size);
  return bytes;
}

Address Address::parse(const uint8_t* bytes) {
  if (memcmp(bytes, kMagic, 4) != 0 || bytes[4] != kVersion || (bytes[5] != 4 && bytes[5] != 6))
    throw Failure(AIDC_INVALID, "not an address of this version of the trainer");
  Address address{};
  address.socket.ss_family = bytes[5] == 4 ? AF_INET : AF_INET6;
  memcpy(&portOf(address.socket), &bytes[6], 2);
  memcpy(hostOf(address.socket), &bytes[8], hostBytes(address.socket));
  memcpy(address.nonce.data(), &bytes[24], address.nonce.size());
  address.rank = getInt(&bytes[40]);
  address.size = getInt(&bytes[44]);
  return address;
}

Listener::Listener(const std::string& ip, int rank, int size)
    : address_{parseIp(ip), draw(), rank, size} {
  fd_ = Fd(::socket(address_.socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  auto* raw = reinterpret_cast<sockaddr*>(&address_.socket);
  auto length = lengthOf(address_.socket);
  if (!fd_ || ::bind(fd_.get(), raw, length) != 0 || ::listen(fd_.get(), SOMAXCONN) != 0 ||
      ::getsockname(fd_.get(), raw, &length) != 0)
    throw Failure(AIDC_FAILED, "cannot listen on " + ip + ": " + strerror(errno));
}

}  // namespace aidc
