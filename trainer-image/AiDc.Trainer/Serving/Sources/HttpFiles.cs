using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using AiDc.Trainer.Models;
using AiDc.Trainer.Serving.Models;

namespace AiDc.Trainer.Serving.Sources;

/// <summary>
/// Files of a web server. The URL names the model's file, or for a bundle the folder that model.json is in. Its query is sent and
/// never shown: it may be a signature.
/// </summary>
internal sealed class HttpFiles : IRemoteFiles, IDisposable
{
    private static readonly TimeSpan Answer = TimeSpan.FromSeconds(30);

    private readonly Uri _uri;
    private readonly TimeSpan _stalled;
    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(10), MaxAutomaticRedirections = 10 })
    {
        // Of the whole, body included; each of its parts has a limit of its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly Dictionary<RemoteFile, Uri> _found = [];

    /// <param name="stalled">How long a body may send nothing before it counts as broken off.</param>
    /// <exception cref="ConfigurationException">It is no such URL.</exception>
    public HttpFiles(string url, TimeSpan stalled)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
            throw new ConfigurationException("--model: this is no URL; write https://<host>/<path>");
        if (uri.UserInfo.Length > 0) throw new ConfigurationException($"--model {Show(uri)}: it has a user and a password. Use a signed URL, S3 or a volume for a model that is not public");
        (_uri, _stalled) = (uri, stalled);
    }

    public string Place => Show(_uri);

    public static bool Is(string place) =>
        place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    public RemoteFile FindModel(ModelFormat format, CancellationToken cancellation)
    {
        var isFile = format != ModelFormat.Aidc || NameOf(_uri) == ModelManifest.FileName;
        return Find(isFile ? _uri : Below(_uri, ModelManifest.FileName), format != ModelFormat.Aidc ? ModelFiles.Endings(format)[0] : "", cancellation);
    }

    public RemoteFile FindBeside(RemoteFile model, string name, CancellationToken cancellation)
    {
        var uri = _found[model];
        return Find(Below(new UriBuilder(uri) { Path = uri.AbsolutePath[..^NameOf(uri).Length] }.Uri, name), "", cancellation);
    }

    public Stream Open(RemoteFile file, long offset, CancellationToken cancellation)
    {
        // Nothing is left to ask for, and a server answers such a range with 416.
        if (file.Bytes == offset) return Stream.Null;
        using var request = new HttpRequestMessage(HttpMethod.Get, _found[file]);
        if (offset > 0)
        {
            request.Headers.Range = new(offset, null);
            if (file.Version is { } version && EntityTagHeaderValue.TryParse(version, out var tag) && !tag.IsWeak) request.Headers.IfRange = new(tag);
        }

        var response = Send(request, file.Place, cancellation);
        try
        {
            if (file.Version is not null && Version(response) is { } now && now != file.Version)
                throw new InvalidFileException(file.Place, "it was replaced while it was read. Start again");
            var body = response.Content.ReadAsStream(cancellation);
            // A server that does not know ranges sends all of it.
            if (offset > 0 && response.StatusCode != HttpStatusCode.PartialContent) Skip(body, offset);
            return new StallingStream(body, _stalled, cancellation);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public TrainerException Explain(RemoteFile file, Exception error) => HttpErrors.Explain(file.Place, error);

    public void Dispose() => _client.Dispose();

    /// <summary>By asking for its first byte: of a signed URL only GET may be allowed.</summary>
    private RemoteFile Find(Uri uri, string ending, CancellationToken cancellation)
    {
        var place = Show(uri);
        return Attempts.Repeat(
            () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, uri);
                request.Headers.Range = new(0, 0);
                using var response = Send(request, place, cancellation, mayBeEmpty: true);
                var bytes = response.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable ? response.Content.Headers.ContentRange?.Length : response.Content.Headers.ContentLength;
                var name = NameOf(uri) is { Length: > 0 } last ? last : "model" + ending;
                var file = new RemoteFile(name, place, bytes, Version(response));
                _found[file] = uri;
                return file;
            },
            error => HttpErrors.Explain(place, error), cancellation);
    }

    /// <param name="mayBeEmpty">Whether "no such range" is an answer: of an empty file not even the first byte is there.</param>
    private HttpResponseMessage Send(HttpRequestMessage request, string place, CancellationToken cancellation, bool mayBeEmpty = false)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Answer);
        try
        {
            var response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (response.IsSuccessStatusCode || (mayBeEmpty && response is { StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable, Content.Headers.ContentRange.Length: 0 })) return response;
            using (response) throw HttpErrors.OfStatus(place, response);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"no answer within {Answer.TotalSeconds:F0} s", error);
        }
    }

    /// <summary>A tag is of one content; a time may be that of several files, which the query tells apart. Not so the tag: a signature is new each time.</summary>
    private string? Version(HttpResponseMessage response) => response.Headers.ETag?.ToString() ?? (response.Content.Headers.LastModified is { } time
        ? string.Create(CultureInfo.InvariantCulture, $"{time:O} {_uri.Query}")
        : null);

    private static void Skip(Stream body, long bytes)
    {
        var buffer = new byte[1 << 16];
        while (bytes > 0)
        {
            var read = body.Read(buffer, 0, (int)Math.Min(bytes, buffer.Length));
            if (read == 0) throw new EndOfStreamException("it is shorter than what was read of it before");
            bytes -= read;
        }
    }

    private static string NameOf(Uri uri) => Uri.UnescapeDataString(uri.AbsolutePath[(uri.AbsolutePath.LastIndexOf('/') + 1)..]);

    private static Uri Below(Uri folder, string name) =>
        new UriBuilder(folder) { Path = folder.AbsolutePath.TrimEnd('/') + "/" + Uri.EscapeDataString(name) }.Uri;

    private static string Show(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
}

/// <summary>What a web server or the way to it says, as an error that names the place and what to do about it. What no retry helps against is a configuration error.</summary>
internal static class HttpErrors
{
    /// <summary>An answer that is no success; what may pass by itself is an <see cref="HttpRequestException"/>.</summary>
    public static Exception OfStatus(string place, HttpResponseMessage response)
    {
        var code = (int)response.StatusCode;
        return response.StatusCode switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new ConfigurationException($"{place}: the server has no such file ({code}). Correct the address"),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new ConfigurationException(
                $"{place}: the server refuses it ({code}). Use a signed URL that is still valid, or keep the model in S3 with a secretRef or on a volume"),
            // The file had been longer when it was asked for its size.
            HttpStatusCode.RequestedRangeNotSatisfiable => new InvalidFileException(place, "it was replaced while it was read. Start again"),
            HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => new HttpRequestException($"the server answered {code} {response.ReasonPhrase}"),
            >= HttpStatusCode.InternalServerError => new HttpRequestException($"the server answered {code} {response.ReasonPhrase}"),
            _ => new ConfigurationException($"{place}: the server answered {code} {response.ReasonPhrase}. Correct the address, or look at the server"),
        };
    }

    /// <summary>When all attempts failed.</summary>
    public static TrainerException Explain(string place, Exception error)
    {
        if (error is TrainerException known) return known;
        var cause = error;
        while (cause.InnerException is { } inner && cause is not AuthenticationException) cause = inner;
        return cause is AuthenticationException
            ? new ConfigurationException($"{place}: the server's certificate is not trusted ({FirstLine(cause)}). Use one of a known authority, or put its CA into the file that SSL_CERT_FILE names", error)
            : new StorageException(place, $"it cannot be read ({FirstLine(cause)}). See that this machine reaches the server; the next attempt may do better", error);
    }

    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0].TrimEnd('.', '\r');
}

/// <summary>Reads from a connection; one that sends nothing for too long is an <see cref="IOException"/>, not an eternity.</summary>
internal sealed class StallingStream(Stream inner, TimeSpan stalled, CancellationToken cancellation) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(stalled);
        try
        {
            return inner.ReadAsync(buffer.AsMemory(offset, count), limit.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"the server sent nothing for {stalled.TotalSeconds:F0} s", error);
        }
    }

    public override void Flush()
    {
        // Nothing is written.
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}
