using AiDc.ControllerRuntime;

namespace AiDc.Gateway.Routing;

/// <summary>
/// Reads from a request which service it is for: the host <c>name.namespace.suffix</c>, the path <c>/v1/namespaces/namespace/services/name/…</c>,
/// or else the header or gRPC metadata <c>aidc-service: namespace/name</c>. In this order: whoever lets callers through by host or path must be able
/// to rely on it.
/// </summary>
/// <param name="domainSuffix">What hosts end with, without a leading dot; empty: hosts say nothing.</param>
internal sealed class TargetParser(string domainSuffix)
{
    /// <summary>What paths that name a service begin with.</summary>
    public const string Namespaces = "/v1/namespaces/";

    private const string Services = "/services/";
    private readonly string suffix = domainSuffix.Length == 0 ? "" : "." + domainSuffix;

    /// <param name="path">With its query, as it came.</param>
    /// <returns>Null where the request names no service.</returns>
    public RequestTarget? Parse(string? header, HostString host, string path)
    {
        if (IsHost(host.Host)) return ByHost(host.Host, path) ?? ByPath(path);
        return path.StartsWith(Namespaces, StringComparison.Ordinal) || string.IsNullOrEmpty(header) ? ByPath(path) : ByHeader(header, path);
    }

    private bool IsHost(string host) => suffix.Length > 0 && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase);

    private static RequestTarget? ByHeader(string header, string path)
    {
        var slash = header.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? null : Target(header.AsSpan(0, slash), header.AsSpan(slash + 1), path);
    }

    private RequestTarget? ByHost(string host, string path)
    {
        var labels = host.ToLowerInvariant().AsSpan(0, host.Length - suffix.Length);
        var dot = labels.LastIndexOf('.');
        return dot < 0 ? null : Target(labels[(dot + 1)..], labels[..dot], path);
    }

    private static RequestTarget? ByPath(string path)
    {
        if (!path.StartsWith(Namespaces, StringComparison.Ordinal)) return null;
        var rest = path.AsSpan(Namespaces.Length);
        var end = rest.IndexOf('/');
        if (end < 0 || !rest[end..].StartsWith(Services, StringComparison.Ordinal)) return null;
        var ns = rest[..end];
        rest = rest[(end + Services.Length)..];
        end = rest.IndexOfAny('/', '?');
        if (end < 0) return Target(ns, rest, "/");
        return Target(ns, rest[..end], rest[end] == '/' ? rest[end..].ToString() : string.Concat("/", rest[end..]));
    }

    private static RequestTarget? Target(ReadOnlySpan<char> ns, ReadOnlySpan<char> name, string path) =>
        IsName(ns, 63) && !ns.Contains('.') && IsName(name, 253) ? new(new(ns.ToString(), name.ToString()), path) : null;

    /// <summary>What is no name of Kubernetes is looked up nowhere.</summary>
    private static bool IsName(ReadOnlySpan<char> text, int longest)
    {
        if (text.Length == 0 || text.Length > longest || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1])) return false;
        foreach (var c in text)
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.')) return false;
        return true;
    }
}

/// <summary>The service that a request is for, and the path that its replica sees, with the query.</summary>
internal readonly record struct RequestTarget(NamespacedName Service, string Path);
