using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace AiDc.Api.Values;

/// <summary>Where a model is: in storage, or on a web server. Exactly one of the two is set.</summary>
/// <param name="Storage">A claim, a node's folder or a bucket.</param>
/// <param name="Web">An absolute http or https address without user and password.</param>
public sealed partial record ModelUri(StorageUri? Storage, Uri? Web)
{
    /// <summary>The grammar, as in the schema. What else is asked of a URI is in <see cref="TryParse"/>.</summary>
    public const string Pattern =
        "^(pvc://[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/.*)?|hostpath:///.+|s3://[a-z0-9][-a-z0-9.]{1,61}[a-z0-9](/.*)?|https?://[^/].*)$";

    /// <summary>The grammar of a SHA-256 sum.</summary>
    public const string SumPattern = "^[0-9a-fA-F]{64}$";

    /// <summary>Whether it is read over a connection on which anybody can put another file in its place.</summary>
    public bool IsPlainHttp => Web?.Scheme == Uri.UriSchemeHttp;

    /// <summary>Reads a URI; when it is none, <paramref name="problem"/> says why and <paramref name="fix"/> what to write instead.</summary>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out ModelUri? uri,
        [NotNullWhen(false)] out string? problem,
        [NotNullWhen(false)] out string? fix)
    {
        uri = null;
        if (text?.StartsWith("https://", StringComparison.Ordinal) == true || text?.StartsWith("http://", StringComparison.Ordinal) == true)
            return TryParseWeb(text, out uri, out problem, out fix);
        if (StorageUri.TryParse(text, out var storage, out problem, out fix))
        {
            uri = new(storage, null);
            return true;
        }

        if (text?.Contains("://", StringComparison.Ordinal) != true)
            fix = "write pvc://<claim>/<path>, s3://<bucket>/<key>, https://<host>/<file> or hostpath:///<folder>";
        return false;
    }

    /// <summary>Reads a URI that validation has let through.</summary>
    /// <exception cref="FormatException">The text is no model's URI.</exception>
    public static ModelUri Parse(string text) => TryParse(text, out var uri, out var problem, out var fix)
        ? uri
        : throw new FormatException($"'{text}': {problem}; {fix}");

    public static bool IsSum(string text) => Sum().IsMatch(text);

    public override string ToString() => Storage?.ToString() ?? Web!.OriginalString;

    private static bool TryParseWeb(
        string text,
        [NotNullWhen(true)] out ModelUri? uri,
        [NotNullWhen(false)] out string? problem,
        [NotNullWhen(false)] out string? fix)
    {
        (uri, problem, fix) = (null, null, null);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var web) || web.Host.Length == 0)
            (problem, fix) = ($"'{text}' is not an address of a web server", "write https://<host>/<file>");
        else if (web.UserInfo.Length > 0)
            (problem, fix) = ("has a user or a password in it, which everybody may read who may read this object", "remove it; use s3:// with a Secret for what is not public");
        else
            uri = new(null, web);
        return uri is not null;
    }

    [GeneratedRegex(@"\A[0-9a-fA-F]{64}\z")]
    private static partial Regex Sum();
}
