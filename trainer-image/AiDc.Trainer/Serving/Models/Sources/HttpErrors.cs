using System.Net;
using System.Security.Authentication;

namespace AiDc.Trainer.Serving.Models.Sources;

/// <summary>What a web server or the way to it says, as an error that names the place and the mend. What no retry mends is a configuration error.</summary>
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
