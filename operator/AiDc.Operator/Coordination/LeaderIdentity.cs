using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace AiDc.Operator.Coordination;

/// <summary>
/// How a replica signs the lease: <c>pod_ip:port_nonce</c>. So whoever reads the lease knows where the leader's coordinator is; the nonce
/// tells a container from the one before it in the same pod.
/// </summary>
public sealed record LeaderIdentity(string Pod, string Endpoint, string Nonce)
{
    public static LeaderIdentity Create(string pod, string ip, int port, string nonce) => new(pod, Host(ip, port), nonce);

    public string Address => $"https://{Endpoint}";

    public static string Url(string host, int port) => $"https://{Host(host, port)}";

    public override string ToString() => $"{Pod}_{Endpoint}_{Nonce}";

    public static bool TryParse(string? holder, [NotNullWhen(true)] out LeaderIdentity? identity)
    {
        var parts = holder?.Split('_') ?? [];
        identity = parts.Length == 3 && IPEndPoint.TryParse(parts[1], out var endpoint) && endpoint.Port > 0 ? new(parts[0], parts[1], parts[2]) : null;
        return identity is not null;
    }

    private static string Host(string host, int port) =>
        IPAddress.TryParse(host, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{address}]:{port}" : $"{host}:{port}";
}
