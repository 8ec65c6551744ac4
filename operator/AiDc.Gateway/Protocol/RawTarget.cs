using System.Globalization;
using System.Text;

namespace AiDc.Gateway.Protocol;

/// <summary>
/// The path and query of a request as they came. What is decoded and encoded again is not what was sent: %2F is a part of a segment and no border of
/// one. Only dot segments are taken out, written either way, so that none leads out of a service (RFC 3986, 5.2.4 and 6.2.2.2).
/// </summary>
internal static class RawTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>An absolute path, without dot segments; the query follows it.</summary>
    /// <param name="target">Of the request line, or of HTTP/2's :path.</param>
    /// <returns>Null for what is none: the form of OPTIONS *, or of CONNECT.</returns>
    public static string? PathOf(string target)
    {
        var start = 0;
        if (target.Length == 0) return null;
        if (target[0] != '/')
        {
            // The absolute form, which proxies are asked in.
            var authority = target.IndexOf("://", StringComparison.Ordinal);
            if (authority < 0) return null;
            start = target.IndexOfAny(['/', '?'], authority + 3);
            if (start < 0) return "/";
            if (target[start] == '?') return "/" + target[start..];
        }
        foreach (var c in target)
            if (c is <= ' ' or >= '\x7f') return null; // Not a target; Kestrel lets none through.
        var path = start == 0 ? target : target[start..];
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var only = end < 0 ? path.AsSpan() : path.AsSpan(0, end);
        if (!only.Contains("/.", StringComparison.Ordinal) && !only.Contains("/%2e", StringComparison.OrdinalIgnoreCase)) return path;
        return string.Concat(WithoutDots(only), end < 0 ? "" : path.AsSpan(end));
    }

    /// <summary>The path with those characters written out that need no escape: the same path (RFC 3986, 6.2.2.2).</summary>
    public static string WithoutNeedlessEscapes(string path)
    {
        var written = new StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '%' && i + 2 < path.Length && byte.TryParse(path.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)
                && (char.IsAsciiLetterOrDigit((char)octet) || (char)octet is '-' or '.' or '_' or '~'))
            {
                written.Append((char)octet);
                i += 2;
            }
            else written.Append(path[i]);
        }
        return written.ToString();
    }

    public static Uri At(string prefix, string path) => new(prefix + path, AsItIs);

    private static string WithoutDots(ReadOnlySpan<char> path)
    {
        var kept = new StringBuilder(path.Length);
        while (path.Length > 0)
        {
            var next = path[1..].IndexOf('/');
            var segment = next < 0 ? path : path[..(next + 1)];
            path = path[segment.Length..];
            var dots = Dots(segment[1..]);
            if (dots == 0)
            {
                kept.Append(segment);
                continue;
            }
            if (dots == 2)
            {
                var last = kept.Length - 1;
                while (last >= 0 && kept[last] != '/') last--;
                kept.Length = Math.Max(0, last);
            }
            if (path.Length == 0) kept.Append('/');
        }
        return kept.ToString();
    }

    /// <returns>1 or 2 for a segment of so many dots, and of nothing else; else 0.</returns>
    private static int Dots(ReadOnlySpan<char> segment)
    {
        var dots = 0;
        while (segment.Length > 0)
        {
            var length = segment[0] == '.' ? 1 : segment.StartsWith("%2e", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
            if (length == 0 || ++dots > 2) return 0;
            segment = segment[length..];
        }
        return dots;
    }
}
