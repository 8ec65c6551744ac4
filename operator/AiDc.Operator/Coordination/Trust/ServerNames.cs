using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>The names and addresses that the coordinator's certificate is good for.</summary>
internal sealed record ServerNames(IReadOnlyList<string> Dns, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>The name workers check, whatever address they dialled: addresses change, trust does not.</summary>
    public const string Coordinator = "aidc-coordinator";

    public X509Extension AsExtension()
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var name in Dns)
            builder.AddDnsName(name);
        foreach (var address in Addresses)
            builder.AddIpAddress(address);
        return builder.Build();
    }

    /// <summary>Our names inside of a cluster, plus whatever the configuration or the Service adds.</summary>
    /// <param name="others">Host names or IP addresses; what is neither is left out.</param>
    public static ServerNames For(string service, string ns, IEnumerable<string> others)
    {
        var dns = new List<string> { Coordinator, "localhost", service, $"{service}.{ns}", $"{service}.{ns}.svc", $"{service}.{ns}.svc.cluster.local" };
        var addresses = new List<IPAddress> { IPAddress.Loopback };
        foreach (var other in others)
        {
            if (IPAddress.TryParse(other.Trim('[', ']'), out var address))
                addresses.Add(address);
            else if (Uri.CheckHostName(other) == UriHostNameType.Dns)
                dns.Add(other);
        }
        return new([.. dns.Distinct(StringComparer.OrdinalIgnoreCase)], [.. addresses.Distinct()]);
    }

    public bool Equals(ServerNames? other) => other is not null && Dns.SequenceEqual(other.Dns) && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(Dns.Count, Addresses.Count);
}
